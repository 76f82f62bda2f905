'use strict';

const assert = require('node:assert');
const { AsyncResource } = require('node:async_hooks');
const { performance } = require('node:perf_hooks');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace } = require('context');

const { observeChanges } = require('../../lib/observing/changes');
const { counting } = require('./usage/counting');
const { work } = require('./usage/work');

const namespace = createNamespace('changes');

/** Ways to schedule a callback, right after others that were scheduled like that. */
const SCHEDULES = {
  setImmediate,
  'process.nextTick': process.nextTick,
  queueMicrotask,
  'a reaction': (callback) => Promise.resolve().then(callback),
  setTimeout: (callback) => setTimeout(callback, 1),
};

/** Counts while a function runs. Asserts that nobody has less than his own clock says: as the times add up, nobody has more. */
function assertShares(callback) {
  return counting({ namespaces: [namespace], keys: ['who'] }, async (usage) => {
    const clock = {};
    const workAs = (who, ms) => (clock[who] = (clock[who] ?? 0) + work(ms));
    const allowed = (await callback({ workAs, in: (who, run) => namespace.createContext({ who }).run(run) })) ?? 0;
    await nextTurn();
    usage.stop();
    const rows = Object.fromEntries(usage.by('who').map(({ row, loopTime }) => [row, loopTime]));
    for (const who of Object.keys(clock)) {
      const least = clock[who] - rows['garbage collection'] - allowed - 0.05;
      assert.ok(rows[who] >= least, `${who}: ${JSON.stringify([rows, clock])}`);
    }
    return { rows, clock };
  });
}

/** Resolves when a number of callbacks was called. */
function called(count) {
  let done;
  const promise = new Promise((resolve) => (done = resolve));
  return { promise, call: () => --count === 0 && done() };
}

describe('changes of what is active', () => {
  for (const [name, schedule] of Object.entries(SCHEDULES)) {
    it(`charge nobody for a callback in no context, right after one in a context: ${name}`, () =>
      assertShares(async (test) => {
        const { promise, call } = called(9);
        const step = (who) => call(test.workAs(who, who === 'no context' ? 15 : 3));
        for (let n = 0; n < 3; n++) {
          test.in('a', () => schedule(() => step('a')));
          schedule(() => step('no context'));
          test.in('b', () => schedule(() => step('b')));
        }
        await promise;
      }));
  }

  it('charge a callback that runs inside another one, whose rest is that of the other one', () =>
    assertShares(async (test) => {
      const [own, nobodys] = [test.in('own', () => new AsyncResource('changes')), new AsyncResource('changes')];
      const inScope = (resource, who) => resource.runInAsyncScope(() => test.workAs(who, 10));
      const around = (who) => {
        inScope(own, 'own');
        test.workAs(who, 10);
        inScope(nobodys, 'no context');
        test.workAs(who, 10);
        own.runInAsyncScope(() => inScope(nobodys, 'no context'));
        test.workAs(who, 10);
      };
      const { promise, call } = called(3);
      test.in('before', () => setImmediate(() => call(test.workAs('before', 5))));
      setImmediate(() => call(around('no context')));
      test.in('outer', () => setImmediate(() => call(around('outer'))));
      await promise;
    }));

  it('charge nobody for a wait of the loop, whoever runs before and after it', async () => {
    const idleTime = () => performance.eventLoopUtilization().idle;
    for (const [before, after] of [['a', 'a'], ['a', 'b'], ['a'], [undefined, 'a']]) {
      let waited;
      const { rows } = await assertShares(async (test) => {
        const runIn = (who, callback) => (who === undefined ? callback() : test.in(who, callback));
        const step = (who) => test.workAs(who ?? 'no context', 2);
        await new Promise((resolve) => {
          const last = () => {
            step(before);
            waited = idleTime();
            // Wakes the loop in the middle of the wait, without a callback.
            clearTimeout(setTimeout(() => {}, 30));
          };
          const next = () => {
            waited = idleTime() - waited;
            step(after);
            resolve();
          };
          runIn(before, () => {
            setImmediate(last);
            if (before === after) setTimeout(next, 60);
          });
          if (before !== after) runIn(after, () => setTimeout(next, 60));
        });
      });
      assert.ok(rows.idle >= waited - 0.1 && rows['no context'] >= 0, JSON.stringify([rows, waited]));
    }
  });

  it('charge at most one callback wrong, if the platform says nothing of one that follows: then every end is looked at', async function () {
    if (Array.fromAsync === undefined) return;
    await assertShares(async (test) => {
      const lengths = [];
      const step = () => {
        const before = performance.now();
        // With async-hooks, nothing is active in a mapper.
        test.workAs(namespace.get('who') ?? 'no context', 10);
        lengths.push(performance.now() - before);
      };
      for (let round = 0; round < 6; round++) {
        const mapped = test.in('mapper', () => Array.fromAsync([1, 2], () => step()));
        const other = test.in('other', async () => {
          await null;
          step();
        });
        await Promise.all([mapped, other]);
        await nextTurn();
      }
      return Math.max(...lengths);
    });
  });

  it('are reported once for neighbours in one snapshot, and the ends of none', async () => {
    const seen = { changes: 0, again: 0, waits: 0 };
    const { stop } = observeChanges({
      onChange: () => seen.changes++,
      onAgain: () => seen.again++,
      onWait: () => seen.waits++,
    });
    try {
      await nextTurn();
      Object.assign(seen, { changes: 0, again: 0, waits: 0 });
      await new Promise((resolve) => {
        const steps = async () => {
          for (let n = 0; n < 100; n++) await null;
          resolve();
        };
        namespace.run(() => setImmediate(steps));
      });
      assert.ok(seen.changes <= 6 && seen.again >= 99 && seen.waits <= 2, JSON.stringify(seen));
    } finally {
      stop();
    }
  });
});
