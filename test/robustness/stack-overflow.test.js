'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');

const { createNamespace } = require('context');

const { linesOfProcess } = require('../support/steps');

/** Calls a function where the stack has overflowed, then with more and more of it, until it returns false. */
function descend(call) {
  // Compiling takes more of the stack than running.
  for (let times = 0; times < 3; times++) call();
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  let goesOn = true;
  const recurse = () => {
    try {
      recurse();
    } catch {
      // As expected.
    }
    if (goesOn) goesOn = call();
  };
  recurse();
  Error.stackTraceLimit = stackTraceLimit;
}

describe('a program whose stack overflows in contexts', () => {
  it('is in none of them afterwards, and goes on', async () => {
    // Less stack than usual overflows sooner.
    const lines = await linesOfProcess(['--stack-size=250', 'test/robustness/programs/overflow.js', '8']);
    assert.deepStrictEqual(lines, ['[]']);
  });

  it('aborts all of a context there or nothing', () => {
    const namespace = createNamespace('overflow.abort');
    const never = new Promise(() => {});
    const states = Array.from({ length: 300 }, () => {
      const [outer, inner] = [0, 0].map(() => namespace.createContext().endWith(never));
      const state = { outer, calls: 0 };
      state.count = () => state.calls++;
      const signal = outer.run(() => inner.run(() => namespace.signal));
      for (const each of [outer.signal, signal]) each.addEventListener('abort', state.count);
      state.count();
      state.read = () => [outer.signal.aborted, signal.aborted, state.calls].join();
      return state;
    });
    const seen = new Set();
    let next = 0;
    descend(() => {
      if (next === states.length) return false;
      let isAborted = true;
      try {
        states[next].outer.abort();
      } catch {
        isAborted = false;
      }
      seen.add(`${isAborted}: ${states[next].read()}`);
      if (isAborted) next++;
      return true;
    });
    // Where the first abort comes, there may be room for it.
    seen.delete('false: false,false,1');
    assert.deepStrictEqual([...seen], ['true: true,true,3']);
  });

  /** By who ends a context: how, and how many listeners may find too little of the stack for themselves. */
  const endings = { 'end()': [(one) => one.context.end(), 0], 'its target': [(one) => one.emitter.emit('close'), 1] };
  for (const [by, [end, mayFail]] of Object.entries(endings)) {
    it(`ends a context there or leaves that to end(), and is in none afterwards: ${by}`, () => {
      const namespace = createNamespace(`overflow.${by}`);
      const outermost = namespace.active;
      const make = () => {
        const one = { context: namespace.createContext(), emitter: new EventEmitter(), ends: 0 };
        one.context.on('end', () => void one.ends++);
        one.context.run(() => one.context.endWith(one.emitter));
        return one;
      };
      const all = Array.from({ length: 300 }, make);
      let failed = 0;
      let next = 0;
      descend(() => {
        try {
          end(all[next]);
          next++;
        } catch {
          failed++;
        }
        return next < all.length;
      });
      assert.strictEqual(namespace.active, outermost);
      assert.ok(failed > 0);
      for (const { context } of all) context.end();
      assert.ok(all.every(({ context, ends }) => context.ended && ends <= 1));
      assert.ok(all.filter(({ ends }) => ends === 0).length <= mayFail);
    });
  }
});
