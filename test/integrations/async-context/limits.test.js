'use strict';

const assert = require('node:assert');
const vm = require('node:vm');

const { engine } = require('context');
const { Snapshot, Variable } = require('context/async-context');
const { runNode } = require('../../support/child');
const { copyPackage } = require('../../support/copy');

/** What a program prints that must end well. */
async function outputOf(program) {
  const { code, stdout, stderr } = await runNode(`
    const { Snapshot, Variable } = require('context/async-context');
    const { writeSync } = require('fs');
    const variable = new Variable();
    ${program}
  `);
  assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: '' });
  return stdout.trimEnd();
}

describe('variables in a hostile program', () => {
  it('prototypes and globals that were tampered with see nothing and change nothing', async () => {
    const output = await outputOf(`
      variable.run(0, () => {});
      const { defineProperty, ownKeys } = Reflect;
      let seen = 0;
      const see = { __proto__: null, get() { seen++; }, set() { seen++; }, configurable: true };
      const names = 'get set value writable enumerable configurable name next variable context slot defaultValue page'.split(' ');
      const kept = { prototype: 1, name: 1, length: 1, arguments: 1, caller: 1, constructor: 1 };
      const holders = [Array.prototype, Function.prototype, WeakMap.prototype, Map.prototype, Math, Object, Reflect];
      for (let i = 0; i < holders.length; i++) {
        const keys = ownKeys(holders[i]);
        for (let k = 0; k < keys.length; k++) if (!kept[keys[k]]) defineProperty(holders[i], keys[k], see);
      }
      for (let i = 0; i < names.length; i++) defineProperty({}.__proto__, names[i], see);
      seen = 0;
      const other = new Variable({ __proto__: null, name: 'other', defaultValue: 3 });
      const wrapped = variable.run(1, () => other.run(2, () => Snapshot.wrap(function f(a) { return variable.get() + other.get() + a; })));
      const result = wrapped(4) + wrapped.name + wrapped.length + other.name + other.get() + new Snapshot().run(() => variable.get()) + seen;
      for (let i = 0; i < names.length; i++) delete {}.__proto__[names[i]];
      writeSync(1, result);
      // Node.js itself does not go on without them.
      process.reallyExit(0);
    `);
    assert.strictEqual(output, '7wrapped f1other3undefined0');
  });

  it('what throws in a microtask leaves nothing behind, and its handler sees what AsyncLocalStorage does', async () => {
    const output = await outputOf(`
      const storage = new (require('async_hooks').AsyncLocalStorage)();
      const isSame = () => variable.get() === storage.getStore();
      process.on('uncaughtException', () => console.log(isSame()));
      variable.run('a', () => storage.run('a', () => queueMicrotask(() => { throw new Error(); })));
      Promise.resolve().then(() => console.log(isSame(), variable.get()));
      setImmediate(() => console.log(isSame(), variable.get()));
    `);
    assert.strictEqual(output, 'true\ntrue undefined\ntrue undefined');
  });

  it('two copies of the package have the same classes; a worker begins without values', async () => {
    const output = await outputOf(`
      console.log(require(${JSON.stringify(copyPackage())} + '/lib/integrations/async-context').Variable === Variable);
      const program = "const { Variable } = require('context/async-context'); const variable = new Variable();" +
        "console.log(variable.get(), variable.run('worker', () => variable.get()))";
      variable.run('main', () => new (require('worker_threads').Worker)(program, { eval: true }));
    `);
    assert.strictEqual(output, 'true\nundefined worker');
  });
});

describe('what a library cannot do', () => {
  const variable = new Variable({ defaultValue: 'none' });
  const at = (value, f) => variable.run(value, f);

  it('a generator sees the values of who calls next(), and not those of its creation', async () => {
    const generators = [
      function* () {
        while (true) yield variable.get();
      },
      async function* () {
        while (true) yield variable.get();
      },
    ];
    for (const make of generators) {
      const generator = at('creation', make);
      const seen = [await at('first', () => generator.next()), await at('second', () => generator.next())];
      assert.deepStrictEqual([seen[0].value, seen[1].value], ['first', 'second']);
    }
  });

  it('the top level of a module sees the values of who imports it; a FinalizationRegistry sees none', async () => {
    const output = await outputOf(`
      globalThis.variable = variable;
      const url = 'data:text/javascript,console.log(globalThis.variable.get())';
      variable.run('import', () => import(url)).then(() => {
        const timer = setInterval(gc, 1);
        globalThis.registry = variable.run('registry', () => new FinalizationRegistry(() => {
          console.log(variable.get());
          clearInterval(timer);
        }));
        (() => registry.register({}, 1))();
      });
    `);
    assert.strictEqual(output, 'import\nundefined');
  });

  it('a rejection that nobody handles has the values of the rejecting call, or without AsyncContextFrame of its promise', async () => {
    const output = await outputOf(`
      process.on('unhandledRejection', () => console.log(variable.get()));
      const [reject] = variable.run('promise', () => { const made = []; new Promise((_, fail) => made.push(fail)); return made; });
      variable.run('reject', reject);
    `);
    assert.strictEqual(output, engine === 'async-context-frame' ? 'reject' : 'promise');
  });

  it('objects and functions are of the realm of the library', () => {
    const make =
      'function Target() {} Target.prototype = null; [Snapshot.wrap(() => {}), Reflect.construct(Variable, [], Target)]';
    const [wrapped, instance] = vm.runInNewContext(make, { Snapshot, Variable });
    assert.strictEqual(Object.getPrototypeOf(wrapped), Function.prototype);
    assert.strictEqual(Object.getPrototypeOf(instance), Variable.prototype);
  });

  it('a listener of an EventTarget sees the values of who dispatches', () => {
    const [target, seen] = [new EventTarget(), []];
    at('listen', () => target.addEventListener('event', () => seen.push(variable.get())));
    at('dispatch', () => target.dispatchEvent(new Event('event')));
    assert.deepStrictEqual(seen, ['dispatch']);
  });
});
