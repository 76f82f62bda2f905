'use strict';

const assert = require('node:assert');
const { execSync } = require('node:child_process');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace } = require('context');
const { start } = require('context/usage');
const { mustCall } = require('../../support/must-call');
const { counting } = require('./counting');
const { work } = require('./work');

const namespace = createNamespace('usage of');
const NOTHING = { loopTime: 0, selfTime: 0, callbacks: 0, longest: 0 };

/** What was taken by collections of garbage, or not by what is looked at: that much less may be told. */
const collections = (usage) => usage.by('any').find(({ kind }) => kind === 'garbage collection').loopTime;

describe('usage.of', () => {
  it('tells what a context has taken, in all of its callbacks, and not what others have', () =>
    counting({ keys: ['any'] }, async (usage) => {
      const clock = [0, 0];
      const contexts = [namespace.createContext(), namespace.createContext()];
      const run = (index, ms) =>
        contexts[index].run(async () => {
          for (let turn = 0; turn < 5; turn++) {
            clock[index] += work(ms);
            await nextTurn();
            clock[index] += work(ms);
            await null;
          }
        });
      await Promise.all([run(0, 2), run(1, 8)]);
      await nextTurn();
      for (const index of [0, 1]) {
        const { loopTime, selfTime, callbacks, longest } = usage.of(contexts[index]);
        assert.ok(loopTime >= clock[index] - collections(usage) - 0.01, `${loopTime} of ${clock[index]}`);
        assert.strictEqual(loopTime, selfTime);
        assert.ok(callbacks >= 10, String(callbacks));
        assert.ok(longest >= [2, 8][index] && longest <= loopTime + collections(usage), `${longest} of ${loopTime}`);
      }
    }));

  it('tells what nests in a context as its loop time, and not as its own time', () =>
    counting({ keys: ['any'] }, async (usage) => {
      const [outer, inner, innermost] = [1, 2, 3].map(() => namespace.createContext());
      const clock = {};
      await outer.run(async () => {
        clock.outer = work(3);
        inner.run(() => {
          clock.inner = work(5);
          innermost.run(() => (clock.innermost = work(2)));
          clock.inner += work(1);
        });
        clock.outer += work(3);
        await inner.run(async () => {
          await nextTurn();
          clock.inner += work(4);
        });
      });
      await nextTurn();
      const lost = collections(usage) + 0.01;
      const used = Object.fromEntries(Object.entries({ outer, inner, innermost }).map(([name, it]) => [name, usage.of(it)]));
      for (const name of Object.keys(clock)) {
        assert.ok(used[name].selfTime >= clock[name] - lost, `${name}: ${used[name].selfTime} of ${clock[name]}`);
      }
      const sum = (...names) => names.reduce((total, name) => total + used[name].selfTime, 0);
      const near = (actual, expected) => assert.ok(Math.abs(actual - expected) < 0.01, `${actual}, not ${expected}`);
      near(used.innermost.loopTime, sum('innermost'));
      near(used.inner.loopTime, sum('inner', 'innermost'));
      near(used.outer.loopTime, sum('outer', 'inner', 'innermost'));
      // Without a break: the first part of the outer one, with what was run in the middle of it.
      assert.ok(used.outer.longest >= 14, String(used.outer.longest));
      assert.ok(used.inner.longest >= 8 && used.inner.longest < used.outer.longest, String(used.inner.longest));
    }));

  it('counts once what a context takes that is around itself', () =>
    counting({ keys: ['any'] }, async (usage) => {
      const [one, other] = [namespace.createContext(), namespace.createContext()];
      one.run(() => other.run(() => one.run(() => work(4))));
      const { loopTime, selfTime } = usage.of(one);
      assert.ok(selfTime >= 3.9 && Math.abs(loopTime - selfTime - usage.of(other).selfTime) < 0.01);
      assert.ok(loopTime < usage.wallTime);
    }));

  it('is valid in listeners of end', () =>
    counting({ keys: ['any'] }, async (usage) => {
      const sync = namespace.createContext().on(
        'end',
        mustCall(() => assert.ok(usage.of(sync).loopTime >= 4.99, JSON.stringify(usage.of(sync)))),
      );
      sync.run(() => work(5));
      const async = namespace.createContext().on(
        'end',
        mustCall(() => assert.ok(usage.of(async).loopTime >= 9.99 - collections(usage), JSON.stringify(usage.of(async)))),
      );
      await async.run(async () => {
        work(5);
        await nextTurn();
        work(5);
      });
      const controller = new AbortController();
      const followed = namespace.createContext().endWith(controller.signal);
      followed.on(
        'end',
        mustCall(() => assert.ok(usage.of(followed).loopTime >= 4.99)),
      );
      followed.run(() => work(5));
      controller.abort();
      await nextTurn();
    }));

  it('tells in the middle of a callback what that has taken so far', () =>
    counting({}, (usage) => {
      const context = namespace.createContext();
      context.run(() => {
        work(3);
        const first = usage.of(context);
        assert.ok(first.loopTime >= 2.99 && first.longest >= 2.99, JSON.stringify(first));
        assert.strictEqual(first.callbacks, 1);
        work(3);
        assert.ok(usage.of(context).longest >= 5.98);
      });
      assert.strictEqual(usage.of(context).callbacks, 1);
    }));

  it('tells of contexts that were left by an error, or never exited', async () =>
    counting({ keys: ['any'] }, async (usage) => {
      const thrown = namespace.createContext();
      assert.throws(
        () =>
          thrown.run(() => {
            work(3);
            throw new Error('expected');
          }),
        /expected/,
      );
      work(3);
      const { callbacks, loopTime } = usage.of(thrown);
      assert.ok(loopTime >= 2.99, String(loopTime));
      assert.strictEqual(callbacks, 1);
      const entered = namespace.createContext();
      await new Promise((resolve) => {
        setImmediate(() => {
          entered.enter();
          work(3);
          setImmediate(() => {
            work(3);
            resolve();
          });
        });
      });
      const before = usage.of(entered).loopTime;
      assert.ok(before >= 5.98 - collections(usage), String(before));
      work(5);
      await nextTurn();
      assert.strictEqual(namespace.isActive(), false);
    }));

  it('tells of several namespaces at a time, each by itself', () =>
    counting({ keys: ['any'] }, (usage) => {
      const other = createNamespace('usage of another');
      const [one, two, three] = [namespace.createContext(), other.createContext(), other.createContext()];
      one.run(() => {
        work(2);
        two.run(() => work(3));
        three.run(() => work(4));
      });
      three.run(() => work(1));
      const used = [one, two, three].map((context) => usage.of(context));
      const least = [9, 3, 5];
      for (const [index, { loopTime, selfTime }] of used.entries()) {
        assert.ok(selfTime >= least[index] - 0.01, `${index}: ${selfTime}`);
        assert.strictEqual(loopTime, selfTime);
      }
      assert.ok(used[0].longest >= 8.99, String(used[0].longest));
      assert.deepStrictEqual(
        used.map(({ callbacks }) => callbacks),
        [1, 1, 2],
      );
    }));

  it('tells of the namespaces alone that it was asked for', () => {
    const other = createNamespace('usage not of');
    return counting({ namespaces: [namespace] }, (usage) => {
      const context = namespace.createContext();
      other.run(() => context.run(() => other.run(() => work(2))));
      assert.ok(usage.of(context).selfTime >= 1.99);
      assert.throws(() => usage.of(other.createContext()), { code: 'ERR_INVALID_ARG_VALUE', message: /not measured/ });
    });
  });

  it('tells 0 of what never ran, and refuses what is no context that can run', () =>
    counting({}, (usage) => {
      assert.deepStrictEqual(usage.of(namespace.createContext()), NOTHING);
      for (const wrong of [undefined, null, {}, namespace])
        assert.throws(() => usage.of(wrong), { code: 'ERR_INVALID_ARG_TYPE' });
      assert.throws(() => usage.of(namespace.active), { code: 'ERR_INVALID_ARG_VALUE', message: /no context/ });
    }));

  it('tells what was counted still when it was stopped, and nothing of another one', async () => {
    const context = namespace.createContext();
    const first = start();
    context.run(() => work(2));
    first.stop();
    const counted = first.of(context);
    assert.ok(counted.loopTime >= 1.99);
    context.run(() => work(2));
    assert.deepStrictEqual(first.of(context), counted);
    await counting({}, (second) => {
      assert.deepStrictEqual(second.of(context), NOTHING);
      context.run(() => work(1));
      const { loopTime } = second.of(context);
      assert.ok(loopTime >= 0.99 && loopTime <= second.wallTime);
    });
    assert.deepStrictEqual(first.of(context), NOTHING);
  });

  it('takes what waits for another process for time of the loop, and not for CPU time', async () =>
    counting({ keys: ['id'] }, async (usage) => {
      namespace.run(() => {
        namespace.set('id', 'waits');
        execSync('sleep 0.5');
      });
      const row = usage.by('id').find((each) => each.row === 'waits');
      assert.ok(row.loopTime >= 490, JSON.stringify(row));
      if (row.cpuTime !== null) assert.ok(row.cpuTime < row.loopTime / 2, JSON.stringify(row));
    }));
});
