'use strict';

const assert = require('node:assert');

const { runNode } = require('../support/child');

/** By what overflows the stack, a function that does so, nested in contexts. */
const recursions = {
  run: 'const f = () => namespace.run(f);',
  'run of one context': 'const one = namespace.createContext(); const f = () => one.run(f);',
  'run of default contexts': 'const f = () => namespace.active.run(() => outside[0].run(f));',
  'bound functions': 'const f = () => namespace.createContext().bind(f)();',
  'two namespaces': 'const f = () => namespace.run(() => other.run(f));',
  'contexts with listeners': `
    const f = () => {
      const context = namespace.createContext();
      context.on('end', () => {});
      context.run(f);
    };`,
  'contexts that are caught': `
    const f = () => {
      try {
        namespace.run(f);
      } catch (error) {
        other.active.set('caught', error);
        throw error;
      }
    };`,
  'async functions': 'const f = () => namespace.run(async () => { await f(); }).catch(() => {});',
};

describe('a program whose stack overflows in contexts', () => {
  for (const [what, recursion] of Object.entries(recursions)) {
    it(`is in none of them afterwards, and goes on: ${what}`, async () => {
      const { code, stdout, stderr } = await runNode(`
        const { createNamespace } = require('context');
        const [namespace, other] = ['one', 'other'].map((name) => createNamespace(name));
        const outside = [namespace.active, other.active];
        ${recursion}
        process.on('warning', () => {});
        // Where not even a handler could be put on a promise.
        process.on('unhandledRejection', () => {});
        // By another depth each time, it overflows in another place.
        const from = (depth) => (depth > 0 ? from(depth - 1) : f());
        let left = 0;
        for (let turn = 0; turn < 200; turn++) {
          try {
            from(turn);
          } catch (error) {
            if (!(error instanceof RangeError)) throw error;
          }
          const active = [namespace.active, other.active];
          active.forEach((context, index) => {
            if (context !== outside[index]) left++;
            while (outside.every((one) => one !== active[index]) && active[index] !== outside[index]) {
              active[index].exit();
              active[index] = [namespace, other][index].active;
            }
          });
        }
        setImmediate(() => namespace.run(() => {
          namespace.set('id', 1);
          setImmediate(() => console.log(left, namespace.get('id')));
        }));
      `);
      assert.deepStrictEqual([code, stdout], [0, '0 1\n'], stderr.slice(0, 2000));
    });
  }
});
