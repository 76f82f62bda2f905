'use strict';

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace } = require('context');
const { start } = require('context/usage');
const { mustCall } = require('../../support/must-call');
const { counting } = require('./counting');
const { work } = require('./work');

const namespace = createNamespace('usage of');
const NOTHING = { loopTime: 0, selfTime: 0, cpuTime: 0, gcTime: 0, callbacks: 0, longest: 0 };

const cpuNow = () => process.cpuUsage().user + process.cpuUsage().system;

/** What collections of garbage used: contexts may have that much less. */
const collections = (usage) => usage.by('any').find(({ kind }) => kind === 'garbage collection').loopTime;

/** Asserts that a measured time is not less than one by another clock, but for some slack. */
function assertAtLeast(actual, expected, slack = 0.01, what = '') {
  assert.ok(actual >= expected - slack, `${what} ${actual} of ${expected}, ${slack} less is fine`);
}

describe('usage.of', () => {
  it('is the time of a context in all of its callbacks, and not that of others', () =>
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
      const lost = collections(usage) + 0.01;
      for (const index of [0, 1]) {
        const { loopTime, selfTime, callbacks, longest } = usage.of(contexts[index]);
        assertAtLeast(loopTime, clock[index], lost);
        assert.strictEqual(loopTime, selfTime);
        assert.ok(callbacks >= 10, String(callbacks));
        assert.ok(longest >= [2, 8][index] && longest <= loopTime + lost, `${longest} of ${loopTime}`);
      }
    }));

  it('has what nests in a context in its loop time, and not in its own time', () =>
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
      for (const name of Object.keys(clock)) assertAtLeast(used[name].selfTime, clock[name], lost, name);
      const sum = (...names) => names.reduce((total, name) => total + used[name].selfTime, 0);
      const near = (actual, expected) => assert.ok(Math.abs(actual - expected) < 0.01, `${actual}, not ${expected}`);
      near(used.innermost.loopTime, sum('innermost'));
      near(used.inner.loopTime, sum('inner', 'innermost'));
      near(used.outer.loopTime, sum('outer', 'inner', 'innermost'));
      // Without a break: the first part of the outer one, with what was run in the middle of it.
      assertAtLeast(used.outer.longest, 14);
      assert.ok(used.inner.longest >= 8 && used.inner.longest <= used.outer.longest, String(used.inner.longest));
    }));

  it('has the CPU time of a context, with what nests in it, and little of one that waits', () =>
    counting({}, (usage) => {
      const [outer, inner, waiting] = [1, 2, 3].map(() => namespace.createContext());
      const burn = (ms) => { for (const end = cpuNow() + 1000 * ms; cpuNow() < end; ) work(1); }; // prettier-ignore
      outer.run(() => {
        burn(30);
        inner.run(() => burn(40));
      });
      waiting.run(() => execFileSync(process.execPath, ['-e', 'setTimeout(() => {}, 100)']));
      const [all, part, none] = [outer, inner, waiting].map((context) => usage.of(context));
      if (all.cpuTime === null) return;
      // Other threads may have some of the process's. What runs within a turn has shares by its time.
      const share = (all.cpuTime * part.loopTime) / all.loopTime;
      assert.ok(all.cpuTime > 40 && Math.abs(part.cpuTime - share) < 0.1 * share, JSON.stringify([all, part]));
      assert.ok(all.cpuTime <= all.loopTime * 1.05 + 1.5 && none.cpuTime < none.loopTime / 2, JSON.stringify([all, none]));
    }));

  it('has the collections of garbage that came while a context ran, and not in its other times', () =>
    counting({ namespaces: [namespace], keys: ['any'] }, async (usage) => {
      const [outer, inner] = [namespace.createContext({ any: 'row' }), namespace.createContext()];
      let collected = 0;
      const entered = performance.now();
      const clock = outer.run(() => {
        const begin = performance.now();
        inner.run(() => {
          const before = performance.now();
          for (let i = 0; i < 10; i++) global.gc();
          collected = performance.now() - before;
        });
        work(2);
        return performance.now() - begin;
      });
      const around = performance.now() - entered;
      while (usage.of(inner).gcTime < collected / 2) await nextTurn();
      const [all, part] = [usage.of(outer), usage.of(inner)];
      assert.ok(part.gcTime <= collected + 0.01 && part.selfTime + part.gcTime <= clock + 0.1, JSON.stringify(part));
      assert.ok(all.gcTime >= part.gcTime && all.loopTime + all.gcTime <= around + 0.1, JSON.stringify([all, around]));
      assertAtLeast(all.loopTime + all.gcTime, clock, 0.1);
      const rows = usage.by('any');
      const total = rows.reduce((sum, { gcTime }) => sum + gcTime, 0);
      const [row, garbage] = ['row', 'garbage collection'].map((name) => rows.find((each) => each.row === name));
      assert.ok(Math.abs(total - garbage.loopTime) < 0.01 && garbage.gcTime === 0, JSON.stringify(rows));
      assert.ok(row.gcTime >= part.gcTime - 0.01 && row.gcTime <= total + 0.01, JSON.stringify(rows));
    }));

  it('has collections in the row that their time moves to', () =>
    counting({ namespaces: [namespace], keys: ['any'] }, (usage) =>
      namespace.createContext({ any: 'first' }).run(async () => {
        const gcTimeOf = (name) => usage.by('any').find(({ row }) => row === name)?.gcTime;
        for (let i = 0; i < 10; i++) global.gc();
        while (!(gcTimeOf('first') > 0)) await nextTurn();
        const before = gcTimeOf('first');
        namespace.set('any', 'moved');
        work(1);
        await nextTurn();
        assert.ok(gcTimeOf('first') === undefined && gcTimeOf('moved') >= before, JSON.stringify(usage.by('any')));
      }),
    ));

  it('counts a context once that is around itself', () =>
    counting({}, (usage) => {
      const [one, other] = [namespace.createContext(), namespace.createContext()];
      one.run(() => other.run(() => one.run(() => work(4))));
      const { loopTime, selfTime } = usage.of(one);
      assert.ok(selfTime >= 3.9 && Math.abs(loopTime - selfTime - usage.of(other).selfTime) < 0.01);
      assert.ok(loopTime < usage.wallTime);
    }));

  it('is valid in listeners of end', () =>
    counting({ keys: ['any'] }, async (usage) => {
      const endsWith = (ms) => {
        const context = namespace.createContext();
        return context.on('end', mustCall(() => assertAtLeast(usage.of(context).loopTime, ms, 0.01 + collections(usage)))); // prettier-ignore
      };
      endsWith(5).run(() => work(5));
      await endsWith(10).run(async () => {
        work(5);
        await nextTurn();
        work(5);
      });
      const controller = new AbortController();
      endsWith(5).endWith(controller.signal).run(() => work(5)); // prettier-ignore
      controller.abort();
      await nextTurn();
    }));

  it('has what was used so far, in the middle of a callback', () =>
    counting({}, (usage) => {
      const context = namespace.createContext();
      context.run(() => {
        work(3);
        const { loopTime, longest, callbacks } = usage.of(context);
        assert.ok(loopTime >= 2.99 && longest >= 2.99 && callbacks === 1);
        work(3);
        assertAtLeast(usage.of(context).longest, 6, 0.02);
      });
      assert.strictEqual(usage.of(context).callbacks, 1);
    }));

  it('counts contexts that were left by an error, or never exited', () =>
    counting({ keys: ['any'] }, async (usage) => {
      const thrown = namespace.createContext();
      const fail = () => {
        work(3);
        throw new Error('expected');
      };
      assert.throws(() => thrown.run(fail), /expected/);
      work(3);
      const { callbacks, loopTime } = usage.of(thrown);
      assertAtLeast(loopTime, 3);
      assert.strictEqual(callbacks, 1);
      const entered = namespace.createContext();
      await new Promise((resolve) => {
        setImmediate(() => {
          entered.enter();
          work(3);
          setImmediate(() => resolve(work(3)));
        });
      });
      assertAtLeast(usage.of(entered).loopTime, 6, 0.02 + collections(usage));
      await nextTurn();
      assert.strictEqual(namespace.isActive(), false);
    }));

  it('counts several namespaces at a time, each by itself', () =>
    counting({}, (usage) => {
      const other = createNamespace('usage of another');
      const contexts = [namespace.createContext(), other.createContext(), other.createContext()];
      const [one, two, three] = contexts;
      one.run(() => {
        work(2);
        two.run(() => work(3));
        three.run(() => work(4));
      });
      three.run(() => work(1));
      for (const [index, least] of [9, 3, 5].entries()) {
        const { loopTime, selfTime, callbacks } = usage.of(contexts[index]);
        assertAtLeast(selfTime, least);
        assert.deepStrictEqual([loopTime, callbacks], [selfTime, [1, 1, 2][index]]);
      }
      assertAtLeast(usage.of(one).longest, 9);
    }));

  it('knows only the namespaces that are asked for', () =>
    counting({ namespaces: [namespace] }, (usage) => {
      const other = createNamespace('usage not of');
      const context = namespace.createContext();
      other.run(() => context.run(() => other.run(() => work(2))));
      assertAtLeast(usage.of(context).selfTime, 2);
      assert.throws(() => usage.of(other.createContext()), { code: 'ERR_INVALID_ARG_VALUE', message: /not measured/ });
    }));

  it('is 0 for what never ran, and refuses what is no context that can run', () =>
    counting({}, (usage) => {
      assert.deepStrictEqual(usage.of(namespace.createContext()), NOTHING);
      for (const wrong of [undefined, null, {}, namespace, Object.create(namespace.createContext())])
        assert.throws(() => usage.of(wrong), { code: 'ERR_INVALID_ARG_TYPE' });
      assert.throws(() => usage.of(namespace.active), { code: 'ERR_INVALID_ARG_VALUE', message: /no context/ });
    }));

  it('has what was counted still after the stop, and nothing of another usage', async () => {
    const context = namespace.createContext();
    const first = start();
    context.run(() => work(2));
    first.stop();
    const { wallTime } = first;
    const counted = first.of(context);
    assertAtLeast(counted.loopTime, 2);
    context.run(() => work(2));
    first.stop();
    assert.deepStrictEqual([first.of(context), first.wallTime], [counted, wallTime]);
    await counting({}, (second) => {
      assert.deepStrictEqual(second.of(context), NOTHING);
      context.run(() => work(1));
      const { loopTime } = second.of(context);
      assert.ok(loopTime >= 0.99 && loopTime <= second.wallTime);
    });
    assert.deepStrictEqual(first.of(context), NOTHING);
  });
});
