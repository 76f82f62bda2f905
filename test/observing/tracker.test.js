'use strict';

const assert = require('node:assert');
const { AsyncResource } = require('node:async_hooks');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace } = require('context');

const engine = require('../../lib/engine');
const { BEFORE, END, SET, observe } = require('../../lib/engine/tracker');
const core = require('../../lib/frames/binding');
const { activeInCore } = require('../support/core-view');
const { serialOf } = require('../../lib/api/context');
const { mustCall } = require('../support/must-call');
const { itRuns } = require('./programs');

const namespace = createNamespace('tracker');

/** Asserts that the core knows what is active, without being asked to look. */
function assertTold() {
  assert.strictEqual(activeInCore(namespace, core.activeRecord()), serialOf(namespace.active));
}

/** Observes while a function runs. */
async function observing(callback, onSwitch) {
  const stop = observe(onSwitch);
  try {
    await callback();
  } finally {
    stop();
  }
}

describe('the tracker', () => {
  it('calls its observers at each switch, after the core', async () => {
    const seen = [];
    const work = async () => {
      const context = namespace.createContext();
      await context.run(() => nextTurn());
      await new Promise((resolve) => {
        context.run(() => setImmediate(() => resolve(seen.push('called'))));
      });
      await nextTurn();
    };
    await observing(work, (snapshot, kind) => {
      // Outside of all callbacks it is not known what runs.
      const isKnown = snapshot !== undefined || kind !== END;
      assert.ok((isKnown ? [snapshot?.record ?? 0] : [0, -1]).includes(core.activeRecord()));
      seen.push([['set', 'before', 'end'][[SET, BEFORE, END].indexOf(kind)], snapshot?.frame.context !== undefined]);
    });
    const at = seen.indexOf('called');
    assert.deepStrictEqual([seen[0], seen[at - 1]], [['set', false], ['before', true]]); // prettier-ignore
    const next = seen.slice(at).find(([kind]) => kind === 'end');
    assert.deepStrictEqual(next, ['end', false]);
  });

  it('calls nobody while the same context stays active', async () => {
    const seen = [];
    const repeated = () => seen.filter((snapshot, index) => index > 0 && snapshot === seen[index - 1]);
    const work = async () => {
      const context = namespace.createContext();
      context.run(() => {
        const resource = new AsyncResource('tracker');
        seen.length = 0;
        resource.runInAsyncScope(mustCall(assertTold));
        context.run(mustCall(assertTold));
        assert.deepStrictEqual(repeated(), []);
      });
      await nextTurn();
    };
    await observing(work, (snapshot) => snapshot === undefined || seen.push(snapshot));
    assert.deepStrictEqual(repeated(), []);
  });

  it('calls a new observer with what is active', () => {
    namespace.run(() => {
      const seen = [];
      observe((snapshot) => seen.push(snapshot))();
      assert.deepStrictEqual(seen, [engine.current()]);
    });
  });

  it('calls nobody when all have stopped, and knows nothing', async () => {
    let calls = 0;
    const [first, second] = [1, 2].map(() => observe(() => calls++));
    assert.strictEqual(calls, 2);
    first();
    first();
    namespace.run(() => assertTold());
    assert.ok(calls > 2);
    second();
    const before = calls;
    await namespace.run(() => nextTurn());
    assert.strictEqual(calls, before);
    assert.strictEqual(core.activeRecord(), 0);
  });

  it('may be stopped by an observer that it calls, which others do not notice', () => {
    const calls = { first: 0, second: 0 };
    const stops = [observe(() => ++calls.first > 2 && stops[0]()), observe(() => calls.second++)];
    for (let n = 0; n < 2; n++) namespace.run(() => {});
    stops[1]();
    assert.ok(calls.second > calls.first, JSON.stringify(calls));
  });

  const head = `
    const assert = require('assert');
    const { createHook } = require('async_hooks');
    const { createNamespace } = require('context');
    const { observe } = require('./lib/engine/tracker');
    const namespace = createNamespace('tracker');
  `;
  const programs = {
    'leaves nothing behind: no hook, no promise that is tracked': `
      const symbols = () => Object.getOwnPropertySymbols(new Promise(() => {})).length;
      const listeners = () => process.listenerCount('uncaughtExceptionMonitor');
      namespace.run(() => {});
      // The engine may have one of its own.
      const before = [symbols(), listeners()];
      for (let n = 0; n < 100; n++) {
        const stop = observe();
        namespace.run(() => {});
        stop();
      }
      assert.deepStrictEqual([symbols(), listeners()], before);
      console.log('done');
    `,
    'leaves hooks of others that have promises tracked as they are, whenever they begin': `
      const core = require('./lib/frames/binding');
      const { activeInCore } = require('./test/support/core-view');
      const { serialOf } = require('./lib/api/context');
      const assertTold = () => assert.strictEqual(activeInCore(namespace, core.activeRecord()), serialOf(namespace.active));
      const work = (n) => namespace.run(async () => {
        for (let turn = 0; turn < n; turn++) {
          await null; assertTold();
          await new Promise(setImmediate); assertTold();
        }
      });
      (async () => {
        for (const order of ['before', 'after']) {
          let inits = 0;
          const create = () => createHook({ init(id, type) { inits += type === 'PROMISE'; } });
          const hook = create();
          if (order === 'before') hook.enable();
          const stop = observe();
          const works = [work(5), work(5)];
          if (order === 'after') hook.enable();
          await Promise.all([...works, work(3)]);
          const during = inits;
          hook.disable();
          await work(3);
          stop();
          assert.ok(during > 5, String(during));
          const late = create().enable();
          await null;
          assert.ok(inits > during);
          late.disable();
        }
        console.log('done');
      })();
    `,
  };
  itRuns(programs, { head });
});
