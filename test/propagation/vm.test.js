'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const vm = require('node:vm');

const { createNamespace } = require('context');

const { runNode } = require('../support/child');

describe('code in a vm context', () => {
  it('runs in the context that it was started in, and so does what it starts', async () => {
    const namespace = createNamespace('vm');
    const emitter = new (require('node:events'))();
    const sandbox = vm.createContext({ namespace, emitter, setImmediate });
    for (const id of [1, 2]) {
      const done = once(emitter, `done-${id}`);
      namespace.run(() => {
        namespace.set('id', id);
        vm.runInContext(
          `(async () => {
            const id = namespace.get('id');
            await null;
            await { then(resolve) { setImmediate(resolve); } };
            const inner = namespace.run(() => (namespace.set('inner', true), namespace.get('id')));
            emitter.emit('done-' + id, namespace.get('id'), inner, namespace.get('inner'));
          })();`,
          sandbox,
        );
      });
      assert.deepStrictEqual(await done, [id, id, undefined]);
    }
  });

  it('can load the package itself, as test runners do, with built-ins of its own', async () => {
    const { code, stdout, stderr } = await runNode(`
      const fs = require('fs');
      const { createRequire } = require('module');
      const path = require('path');
      const vm = require('vm');
      // Each file of the package is run inside a vm context with modules of its own, twice.
      const loadInVm = () => {
        const sandbox = vm.createContext({ process: Object.create(process), console, setImmediate, queueMicrotask });
        const modules = new Map();
        const load = (file) => {
          if (modules.has(file)) return modules.get(file).exports;
          const module = { exports: {} };
          modules.set(file, module);
          const outside = createRequire(file);
          const inside = (request) => {
            const resolved = outside.resolve(request);
            const isOurs = path.isAbsolute(resolved) && resolved.endsWith('.js') && !resolved.includes('node_modules');
            return isOurs ? load(resolved) : outside(request);
          };
          const wrapper = vm.runInContext('(function (exports, require, module, __filename, __dirname) {' +
            fs.readFileSync(file, 'utf8') + '\\n})', sandbox, { filename: file });
          wrapper(module.exports, inside, module, file, path.dirname(file));
          return module.exports;
        };
        return load(require.resolve('context'));
      };
      const copies = [loadInVm(), loadInVm(), require('context')];
      const namespaces = copies.map((copy, index) => copy.createNamespace('vm-' + index));
      const nest = (rest, callback) => {
        if (rest.length === 0) return callback();
        rest[0].run(() => { rest[0].set('id', rest[0].name); nest(rest.slice(1), callback); });
      };
      nest(namespaces, () => setImmediate(async () => {
        await null;
        console.log(namespaces.map((namespace) => namespace.get('id')).join(' '), new Set(copies).size);
      }));
    `);
    assert.strictEqual(code, 0, stderr);
    assert.strictEqual(stdout, 'vm-0 vm-1 vm-2 3\n');
  });

  it('leaves nothing behind in the run around it if its time is over in a run of another namespace', async () => {
    const { code, stdout, stderr } = await runNode(`
      const vm = require('vm');
      const { createNamespace } = require('context');
      const [outer, inner, third] = ['outer', 'inner', 'third'].map((name) => createNamespace(name));
      const outside = [outer, inner, third].map(({ active }) => active);
      const isOutside = () => [outer, inner, third].map(({ active }, index) => active === outside[index]).join(' ');
      const endless = (program) => {
        try {
          vm.runInNewContext(program, { outer, inner, third }, { timeout: 20 });
        } catch (error) {
          console.log(error.code);
        }
      };
      const programs = [
        'inner.run(() => { for (;;); })',
        'inner.run(() => third.run(() => { for (;;); }))',
        'inner.createContext().bind(() => { for (;;); })()',
        'outer.run(() => inner.run(() => { for (;;); }))',
        'for (;;) inner.run(() => third.run(() => {}))',
      ];
      for (const program of programs) {
        const around = outer.createContext();
        let ends = 0;
        around.on('end', () => ends++);
        around.run(() => endless(program));
        console.log(isOutside(), ends);
        around.bind(() => endless(program))();
        console.log(isOutside(), ends);
      }
      // What was entered stays.
      const kept = third.createContext();
      outer.run(() => { kept.enter(); endless('inner.run(() => { for (;;); })'); });
      console.log(third.active === kept, inner.active === outside[1], outer.active === outside[0]);
      kept.exit();
      setImmediate(() => console.log(isOutside()));
    `);
    assert.strictEqual(code, 0, stderr);
    const terminated = 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    const expected = Array(5).fill([terminated, 'true true true 1', terminated, 'true true true 2']).flat();
    const lines = stdout.trimEnd().split('\n');
    assert.deepStrictEqual(lines, [...expected, terminated, 'true true true', 'true true true']);
  });

  /** By what is around, a function that calls its argument in a context. */
  const surroundings = {
    run: '(call) => outer.run(call)',
    'a bound function': '(call) => outer.createContext().bind(call)()',
    'run of the context that is active already': '(call) => outer.run(function () { this.run(call); })',
    'run of the default context': '(call) => outer.active.run(call)',
    'a listener of an emitter that was added':
      "(call) => outer.createContext().add(new EventEmitter()).on('event', call).emit('event')",
    'with of OpenTelemetry': '(call) => manager.with(two, call)',
    'with of its root context': '(call) => manager.with(ROOT_CONTEXT, call)',
    'a bound function of OpenTelemetry': '(call) => manager.bind(two, call)()',
    'a listener that OpenTelemetry bound': "(call) => manager.bind(two, new EventEmitter()).on('event', call).emit('event')",
  };

  /** By what is cut short, the program that does not end by itself. */
  const endless = {
    run: 'inner.run(() => { for (;;); })',
    'runs of two namespaces': 'inner.run(() => third.run(() => { for (;;); }))',
    'a bound function': 'inner.createContext().bind(() => { for (;;); })()',
    'with of another manager of OpenTelemetry': 'another.with(one, () => inner.run(() => { for (;;); }))',
  };

  for (const [around, surround] of Object.entries(surroundings)) {
    it(`leaves nothing behind in ${around} around it, whatever its time was over in`, async () => {
      const { code, stdout, stderr } = await runNode(`
        const { EventEmitter } = require('events');
        const vm = require('vm');
        const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');
        const { createNamespace } = require('context');
        const { ContextManager } = require('context/opentelemetry');
        const { assertActive } = require('./test/support/core-view');
        const [manager, another] = [new ContextManager(), new ContextManager()];
        const [one, two] = ['one', 'two'].map((name) => ROOT_CONTEXT.setValue(createContextKey('name'), name));
        const namespaces = ['outer', 'inner', 'third'].map((name) => createNamespace(name));
        const [outer, inner, third] = namespaces;
        const outside = namespaces.map(({ active }) => active);
        const surround = ${surround};
        for (const [name, program] of Object.entries(${JSON.stringify(endless)})) {
          let error;
          surround(() => {
            try {
              vm.runInNewContext(program, { inner, third, another, one }, { timeout: 20 });
            } catch (thrown) {
              error = thrown;
            }
          });
          const left = [];
          for (const [index, { name: of, active }] of namespaces.entries()) {
            if (active !== outside[index]) left.push(of);
            while (namespaces[index].active !== outside[index]) namespaces[index].active.exit();
          }
          if (manager.active() !== ROOT_CONTEXT) left.push('manager');
          if (another.active() !== ROOT_CONTEXT) left.push('another');
          console.log(name + ':', error.code, left.join(' ') || 'nothing');
          outside.forEach(assertActive);
        }
      `);
      assert.strictEqual(code, 0, stderr);
      const expected = Object.keys(endless).map((name) => `${name}: ERR_SCRIPT_EXECUTION_TIMEOUT nothing`);
      assert.deepStrictEqual(stdout.trimEnd().split('\n'), expected);
    });
  }
});
