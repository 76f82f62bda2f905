'use strict';

const assert = require('node:assert');
const { Session } = require('node:inspector');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace } = require('context');
const { start } = require('context/usage');
const { counting } = require('./counting');
const { workInKinds } = require('./kinds');
const { work } = require('./work');

const namespace = createNamespace('usage by');
const SPECIAL = ['no context', 'garbage collection', 'idle'];

/** Runs in a context that has a value of a key. */
const runWith = (key, value, callback) =>
  namespace.run(() => {
    namespace.set(key, value);
    return callback?.();
  });

/** What collections of garbage took away: told a turn later. */
const lost = (usage, key) => rowOf(usage, key, 'garbage collection').loopTime;

const rowOf = (usage, key, row) => usage.by(key).find((each) => Object.is(each.row, row));

/** The rows add up to the wall time, whatever they are. */
function assertSum(usage, key) {
  usage.stop();
  const rows = usage.by(key);
  const sum = rows.reduce((total, { loopTime }) => total + loopTime, 0);
  assert.ok(Math.abs(sum - usage.wallTime) <= 0.001 * (rows.length + 1), `${sum} of ${usage.wallTime}`);
  assert.deepStrictEqual(
    rows.slice(-3).map(({ kind }) => kind),
    SPECIAL,
  );
  const share = rows.reduce((total, each) => total + each.share, 0);
  assert.ok(Math.abs(share - 1) <= 1e-4 * rows.length, String(share));
}

describe('usage.by', () => {
  it('tells each kind of work what it took, of four kinds that take turns at random, 200 at a time', () =>
    counting({ namespaces: [namespace], keys: ['kind'] }, async (usage) => {
      const clock = await workInKinds(namespace, { pieces: 250, atATime: 200, steps: 2 });
      await nextTurn();
      const taken = lost(usage, 'kind');
      for (const [kind, time] of Object.entries(clock)) {
        const { loopTime } = rowOf(usage, 'kind', kind);
        // More may be the machine's doing, between two lines. Less would be with another kind.
        assert.ok(loopTime >= time - taken - 0.01, `${kind}: ${loopTime} of ${time}, collections ${taken}`);
      }
      assertSum(usage, 'kind');
    }));

  it('has rows that add up to the wall time: with nothing, idle, garbage, and contexts without the key', async () => {
    const nothing = start({ keys: ['key'] });
    assertSum(nothing, 'key');
    await counting({ keys: ['key', 'other'] }, async (usage) => {
      runWith('key', 1, () => work(2));
      await namespace.run(async () => {
        for (let n = 0; n < 20; n++) {
          global.gc();
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      });
      work(3);
      let collection = 0;
      // They are told later.
      while (collection === 0) {
        await nextTurn();
        collection = rowOf(usage, 'key', 'garbage collection').loopTime;
      }
      const rows = Object.fromEntries(usage.by('key').map((row) => [row.row, row]));
      assert.ok(rows[1].longest >= 1.99 && rows[1].kind === 'value', JSON.stringify(rows[1]));
      assert.ok(rows['not set'].loopTime > 0);
      assert.ok(rows.idle.loopTime > 0 && (rows.idle.cpuTime ?? 0) === 0, JSON.stringify(rows.idle));
      assert.ok(rows['no context'].loopTime >= 2.99);
      assertSum(usage, 'other');
      assertSum(usage, 'key');
    });
  });

  it('tells what the loop waits while V8 takes samples of it, whose signals interrupt the wait', async () => {
    const session = new Session();
    session.connect();
    session.post('Profiler.enable');
    session.post('Profiler.start');
    try {
      await nextTurn();
      await counting({ keys: ['key'] }, async (usage) => {
        await new Promise((resolve) => setTimeout(resolve, 300));
        const { loopTime } = rowOf(usage, 'key', 'idle');
        assert.ok(loopTime > 200, `${loopTime} ms`);
      });
    } finally {
      session.disconnect();
    }
  });

  it('tells the CPU time, which adds up to that of the thread', () =>
    counting({ keys: ['key'] }, (usage) => {
      const before = process.cpuUsage();
      runWith('key', 'a', () => work(60));
      work(20);
      runWith('key', 'b', () => work(20));
      const rows = usage.by('key');
      const { user, system } = process.cpuUsage(before);
      if (rows[0].cpuTime === null) return;
      const sum = rows.reduce((total, { cpuTime }) => total + cpuTime, 0);
      // The process has more threads than this one.
      assert.ok(sum > 0 && sum <= (user + system) / 1000 + 5, `${sum} of ${(user + system) / 1000}`);
      for (const { cpuTime, loopTime } of rows)
        assert.ok(cpuTime >= 0 && cpuTime <= loopTime * 1.05 + 1.5, JSON.stringify(rows));
    }));

  it('has a row for values of any kind', () =>
    counting({ keys: ['any'] }, (usage) => {
      const symbol = Symbol('a');
      const values = [
        '1',
        1,
        -1,
        NaN,
        true,
        null,
        10n,
        symbol,
        Symbol('a'),
        '__proto__',
        'constructor',
        '',
        'idle',
        'no context',
      ];
      for (const value of values) runWith('any', value, () => work(0.1));
      const strange = [
        {},
        [],
        new Proxy({}, {}),
        Object.freeze({}),
        Object.create(null),
        { toString: () => assert.fail('called') },
      ];
      for (const value of strange) runWith('any', value, () => work(0.1));
      runWith(
        'any',
        () => {},
        () => work(0.1),
      );
      runWith('any', 10n ** 1000n, () => work(0.1));
      runWith('any', 'x'.repeat(1e6), () => work(0.1));
      runWith('any', undefined, () => work(0.1));
      const rows = usage.by('any');
      for (const value of values) {
        const found = rows.filter(({ row, kind }) => kind === 'value' && Object.is(row, value));
        assert.strictEqual(found.length, 1, String(value));
        assert.ok(found[0].loopTime >= 0.09);
      }
      const told = rows.filter(({ kind }) => kind === 'value').map(({ row }) => row);
      assert.strictEqual(told.length, values.length + 4);
      assert.ok(['[object]', '[function]', '[bigint]', `${'x'.repeat(128)}…`].every((row) => told.includes(row)));
      assert.ok(rowOf(usage, 'any', '[object]').loopTime >= 0.59);
      assert.ok(rows.find(({ kind }) => kind === 'not set').loopTime >= 0.09);
    }));

  it('has rows that are bounded: the largest ones, and one for the rest', () =>
    counting({ keys: ['id'], maxRows: 10 }, (usage) => {
      for (let n = 0; n < 100_000; n++) {
        runWith('id', n);
        if (n % 10_000 === 0) runWith('id', 'large', () => work(20));
      }
      const rows = usage.by('id');
      assert.strictEqual(rows.filter(({ kind }) => kind === 'value').length, 10);
      const large = rows.find(({ row }) => row === 'large');
      assert.ok(large.loopTime >= 199, JSON.stringify(rows));
      const rest = rows.find(({ kind }) => kind === 'rest');
      const count = rows.reduce((total, { callbacks }) => total + callbacks, 0);
      assert.strictEqual(count, 100_010);
      assert.ok(rest.callbacks > 90_000, JSON.stringify(rest));
      assertSum(usage, 'id');
    }));

  it('goes by the value that was set last, and by that of the innermost context that has one', () =>
    counting({ keys: ['tenant'] }, async (usage) => {
      await namespace.run(async () => {
        work(3);
        await nextTurn();
        work(3);
        assert.ok(rowOf(usage, 'tenant', 'not set').loopTime > 5.9 - lost(usage, 'tenant'));
        namespace.set('tenant', 'first');
        work(1);
        await nextTurn();
        assert.strictEqual(rowOf(usage, 'tenant', 'not set'), undefined);
        assert.ok(rowOf(usage, 'tenant', 'first').loopTime > 6.9 - lost(usage, 'tenant'));
        namespace.set('tenant', 'last');
        await nextTurn();
        namespace.run(() => work(3));
        runWith('tenant', 'inner', () => work(2));
      });
      await nextTurn();
      assert.strictEqual(rowOf(usage, 'tenant', 'first'), undefined);
      const last = rowOf(usage, 'tenant', 'last');
      assert.ok(last.loopTime > 9.9 - lost(usage, 'tenant'), JSON.stringify(usage.by('tenant')));
      assert.ok(rowOf(usage, 'tenant', 'inner').longest >= 1.99);
      assertSum(usage, 'tenant');
    }));

  it('has no row of what is all counted elsewhere now, also among those beyond maxRows, and no longest stretch of it', () =>
    counting({ keys: ['tenant'], maxRows: 25 }, async (usage) => {
      let goOn;
      const goesOn = new Promise((resolve) => (goOn = resolve));
      const request = async (n) => {
        namespace.set('tenant', `early ${n}`);
        work(n === 0 ? 9 : 0.2);
        await goesOn;
        namespace.set('tenant', 'late');
        work(0.05);
      };
      runWith('tenant', 'early 0', () => work(0.2));
      const requests = Array.from({ length: 40 }, (_, n) => namespace.run(request, n));
      await nextTurn();
      assert.ok(rowOf(usage, 'tenant', 'early 0').longest >= 8.99);
      assert.ok(rowOf(usage, 'tenant', 'rest').callbacks > 0);
      goOn();
      await Promise.all(requests);
      await nextTurn();
      const rows = usage.by('tenant');
      assert.deepStrictEqual(
        rows.map(({ row }) => row),
        ['late', 'early 0', ...SPECIAL],
      );
      assert.ok(rows[0].longest >= 8.99 && rows[1].longest < rows[0].longest, JSON.stringify(rows));
      assert.ok(rows[0].callbacks >= 80, JSON.stringify(rows));
      await namespace.run(async () => {
        work(0.2);
        await nextTurn();
        assert.ok(rowOf(usage, 'tenant', 'not set').callbacks > 0);
        namespace.set('tenant', 'late');
        work(0.2);
      });
      await nextTurn();
      for (const row of usage.by('tenant')) {
        assert.ok(['late', 'early 0', ...SPECIAL].includes(row.row), JSON.stringify(row));
        for (const number of [row.loopTime, row.share, row.cpuTime, row.longest]) assert.ok(!Object.is(number, -0));
      }
      assertSum(usage, 'tenant');
    }));

  it('keeps nothing of a text but the characters that it tells, and splits no pair of surrogates', () =>
    counting({ keys: ['text'], maxRows: 1000 }, (usage) => {
      const used = () => {
        global.gc();
        return process.memoryUsage().heapUsed / 1e6;
      };
      const before = used();
      const bodyOf = (n) => `${n} ${'x'.repeat(5e5)}${'y'.repeat(5e5)}`;
      for (let n = 0; n < 100; n++) {
        runWith('text', bodyOf(n), () => work(0.01));
        runWith('text', bodyOf(n).slice(0, 40), () => work(0.01));
        runWith('text', `cons ${bodyOf(n).slice(0, 50)}`, () => work(0.01));
      }
      runWith('text', `${'a'.repeat(127)}\u{1f600}b`, () => work(0.01));
      runWith('text', '\ud800'.repeat(129), () => work(0.01));
      const kept = used() - before;
      const told = usage.by('text').map(({ row }) => row);
      assert.ok(kept < 20, `${kept} MB`);
      for (const row of [`7 ${'x'.repeat(126)}…`, `7 ${'x'.repeat(38)}`, `cons 7 ${'x'.repeat(48)}`])
        assert.ok(told.includes(row));
      assert.ok(told.includes(`${'a'.repeat(127)}…`) && told.includes(`${'\ud800'.repeat(128)}…`));
    }));

  it('looks in all namespaces, in the order in which they are named', () => {
    const other = createNamespace('usage by another');
    const both = (callback) =>
      other.run(() => {
        other.set('key', 'other');
        other.set('query', 'select');
        runWith('key', 'one', callback);
      });
    const told = (usage) => usage.by('key').map(({ row }) => row);
    return counting({ namespaces: [other, namespace.name], keys: ['key', 'query'] }, async (first) => {
      both(() => work(2));
      assert.ok(rowOf(first, 'key', 'other').loopTime >= 1.99);
      assert.ok(rowOf(first, 'query', 'select').loopTime >= 1.99);
      assert.ok(!told(first).includes('one'));
      first.stop();
      await counting({ namespaces: [namespace, other], keys: ['key', 'query'] }, (second) => {
        both(() => work(2));
        assert.ok(rowOf(second, 'key', 'one').loopTime >= 1.99);
        assert.ok(rowOf(second, 'query', 'select').loopTime >= 1.99);
      });
    });
  });

  it('counts what runs in no context, or in a default context, as such', () => {
    const nobody = namespace.active;
    return counting({ keys: ['key'] }, (usage) => {
      runWith('key', 'a', () => nobody.run(() => work(5)));
      assert.ok(rowOf(usage, 'key', 'no context').loopTime >= 4.99);
      assert.ok(rowOf(usage, 'key', 'a').loopTime <= usage.wallTime - 4.99);
    });
  });

  it('is not led astray by a value that is a getter, which asks for rows and enters contexts', () =>
    counting({ keys: ['getter', 'id'] }, async (usage) => {
      let calls = 0;
      const context = namespace.createContext({ id: 'getter' });
      Object.defineProperty(context.bag, 'getter', {
        get() {
          calls++;
          namespace.run(() => usage.by('id'));
          return 'got';
        },
      });
      for (let n = 0; n < 20; n++) {
        context.run(() => work(0.5));
        runWith('id', 'other', () => work(0.5));
        await nextTurn();
      }
      assert.ok(calls > 0);
      const least = 9.9 - lost(usage, 'id');
      assert.ok(rowOf(usage, 'getter', 'got').loopTime >= least);
      assert.ok(rowOf(usage, 'id', 'getter').loopTime >= least);
      assert.ok(rowOf(usage, 'id', 'other').loopTime >= least);
      assertSum(usage, 'id');
      assertSum(usage, 'getter');
    }));

  it('refuses keys that it was not told to keep rows for', () =>
    counting({ keys: ['key', 1] }, (usage) => {
      assert.deepStrictEqual(usage.keys, ['key', '1']);
      assert.throws(() => usage.by('other'), { code: 'ERR_INVALID_ARG_VALUE', message: /option keys/ });
      assert.throws(() => usage.by({}), { code: 'ERR_INVALID_ARG_TYPE' });
      assert.strictEqual(usage.by(1).length, 3);
    }));
});
