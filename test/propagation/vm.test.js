'use strict';

const assert = require('node:assert');

const { linesOfThread } = require('../support/steps');

describe('code in a vm context', () => {
  it('can load the package itself, as test runners do, with built-ins of its own', async () => {
    const program = `
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
      nest(namespaces, () => {
        namespaces.forEach(({ active }) => active.abort());
        const reasons = namespaces.map(({ signal }) => signal.reason instanceof DOMException && signal.reason.name);
        setImmediate(async () => {
          await null;
          console.log(namespaces.map((namespace) => namespace.get('id')).join(' '), new Set(copies).size, ...new Set(reasons));
        });
      });
    `;
    // Its process is another object, so that a warning of Node.js about a binding is printed, which is not of interest.
    const lines = await linesOfThread(program, { stderr: true });
    assert.deepStrictEqual(lines, ['vm-0 vm-1 vm-2 3 AbortError']);
  });
});

describe('code in a vm context whose time is over', () => {
  /** What is around it: functions that call theirs in a context. */
  const surroundings = `{
    run: (call) => outer.run(call),
    'a bound function': (call) => outer.createContext().bind(call)(),
    'run of the context that is active already': (call) => outer.run(function () { this.run(call); }),
    'run of the default context': (call) => outer.active.run(call),
    'a listener of an emitter that was added': (call) => outer.createContext().add(new EventEmitter()).on('event', call).emit('event'),
    'with of OpenTelemetry': (call) => manager.with(two, call),
    'with of its root context': (call) => manager.with(ROOT_CONTEXT, call),
    'a bound function of OpenTelemetry': (call) => manager.bind(two, call)(),
    'a listener that OpenTelemetry bound': (call) => manager.bind(two, new EventEmitter()).on('event', call).emit('event'),
  }`;

  /** What is cut short: it does not end by itself. */
  const endless = `[
    'inner.run(() => { for (;;); })',
    'inner.run(() => third.run(() => { for (;;); }))',
    'inner.createContext().bind(() => { for (;;); })()',
    'outer.run(() => inner.run(() => { for (;;); }))',
    'for (;;) inner.run(() => third.run(() => {}))',
    'another.with(one, () => inner.run(() => { for (;;); }))',
  ]`;

  const program = `
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
    const cut = (script) => {
      try {
        vm.runInNewContext(script, { outer, inner, third, another, one }, { timeout: 20 });
      } catch ({ code }) {
        return code;
      }
    };
  `;

  it('leaves nothing behind, no matter what is around it and what it was in', async () => {
    const lines = await linesOfThread(`${program}
      for (const [around, surround] of Object.entries(${surroundings})) {
        for (const script of ${endless}) {
          let code;
          surround(() => (code = cut(script)));
          const left = [];
          for (const [index, namespace] of namespaces.entries()) {
            if (namespace.active !== outside[index]) left.push(namespace.name);
            while (namespace.active !== outside[index]) namespace.active.exit();
          }
          if (manager.active() !== ROOT_CONTEXT) left.push('manager');
          if (another.active() !== ROOT_CONTEXT) left.push('another');
          outside.forEach(assertActive);
          if (code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT' || left.length > 0) console.log(around, script, code, ...left);
        }
      }
      console.log('done');
    `);
    assert.deepStrictEqual(lines, ['done']);
  });

  it('ends the context around it once, and leaves what it entered', async () => {
    const lines = await linesOfThread(`${program}
      const around = outer.createContext();
      let ends = 0;
      around.on('end', () => ends++);
      around.run(() => cut('inner.run(() => { for (;;); })'));
      around.bind(() => cut('inner.run(() => { for (;;); })'))();
      console.log(ends);
      const kept = third.createContext();
      outer.run(() => { kept.enter(); cut('inner.run(() => { for (;;); })'); });
      console.log(third.active === kept, inner.active === outside[1], outer.active === outside[0]);
      kept.exit();
      setImmediate(() => console.log(namespaces.every(({ active }, index) => active === outside[index])));
    `);
    assert.deepStrictEqual(lines, ['2', 'true true true', 'true']);
  });
});
