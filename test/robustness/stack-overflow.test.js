'use strict';

const assert = require('node:assert');

const { createNamespace } = require('context');

const { linesOfProcess } = require('../support/steps');

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
    const descend = () => {
      try {
        descend();
      } catch {
        // As expected.
      }
      if (next === states.length) return;
      let isAborted = true;
      try {
        states[next].outer.abort();
      } catch {
        isAborted = false;
      }
      seen.add(`${isAborted}: ${states[next].read()}`);
      if (isAborted) next++;
    };
    descend();
    assert.deepStrictEqual([...seen].sort(), ['false: false,false,1', 'true: true,true,3']);
  });
});
