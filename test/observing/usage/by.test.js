'use strict';

const assert = require('node:assert');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace } = require('context');
const { start } = require('context/usage');
const { outputOf } = require('../programs');
const { HEAD, counting } = require('./counting');
const { workInKinds } = require('./kinds');
const { work } = require('./work');

const namespace = createNamespace('usage by');
const SPECIAL = ['no context', 'garbage collection', 'idle'];

const runWith = (key, value, callback) => namespace.createContext({ [key]: value }).run(() => callback?.());

const rowOf = (usage, key, row) => usage.by(key).find((each) => Object.is(each.row, row));

/** What collections of garbage used, which is known a turn later. */
const lost = (usage, key) => rowOf(usage, key, 'garbage collection').loopTime;

/** Asserts that the loop time of a row is not less than some milliseconds, but for collections. */
function assertAtLeast(usage, key, row, ms) {
  const { loopTime } = rowOf(usage, key, row);
  assert.ok(loopTime >= ms - lost(usage, key) - 0.01, `${row}: ${loopTime} of ${ms}, collections ${lost(usage, key)}`);
}

/** Asserts that the rows add up to the wall time. */
function assertSum(usage, key) {
  usage.stop();
  const rows = usage.by(key);
  const sum = rows.reduce((total, { loopTime }) => total + loopTime, 0);
  assert.ok(Math.abs(sum - usage.wallTime) <= 0.001 * (rows.length + 1), `${sum} of ${usage.wallTime}`);
  const share = rows.reduce((total, each) => total + each.share, 0);
  assert.ok(Math.abs(share - 1) <= 1e-4 * rows.length, String(share));
  assert.deepStrictEqual(rows.slice(-3).map(({ kind }) => kind), SPECIAL); // prettier-ignore
}

describe('usage.by', () => {
  it('charges each kind of work with its time, of four kinds that take turns at random', () =>
    counting({ namespaces: [namespace], keys: ['kind'] }, async (usage) => {
      const clock = await workInKinds(namespace, { pieces: 80, atATime: 60, steps: 2 });
      await nextTurn();
      // More may be the machine's doing, between two lines. Less would be with another kind.
      for (const [kind, time] of Object.entries(clock)) assertAtLeast(usage, 'kind', kind, time);
      assertSum(usage, 'kind');
    }));

  it('has rows that add up to the wall time: with nothing, idle, garbage, and contexts without the key', async () => {
    assertSum(start({ keys: ['key'] }), 'key');
    await counting({ keys: ['key', 'other'] }, async (usage) => {
      runWith('key', 1, () => work(2));
      await namespace.run(async () => {
        for (let n = 0; n < 20; n++) {
          global.gc();
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      });
      work(3);
      while (lost(usage, 'key') === 0) await nextTurn();
      const rows = Object.fromEntries(usage.by('key').map((row) => [row.row, row]));
      assert.ok(rows[1].longest >= 1.99 && rows[1].kind === 'value', JSON.stringify(rows[1]));
      assert.ok(rows['not set'].loopTime > 0);
      assert.ok(rows.idle.loopTime > 0 && (rows.idle.cpuTime ?? 0) === 0, JSON.stringify(rows.idle));
      assert.ok(rows['no context'].loopTime >= 2.99);
      assertSum(usage, 'other');
      assertSum(usage, 'key');
    });
  });

  it('has CPU times that add up to that of the thread', () =>
    counting({ keys: ['key'] }, (usage) => {
      const before = process.cpuUsage();
      runWith('key', 'a', () => work(60));
      work(20);
      runWith('key', 'b', () => work(20));
      const rows = usage.by('key');
      const { user, system } = process.cpuUsage(before);
      if (rows[0].cpuTime === null) return;
      const sum = rows.reduce((total, { cpuTime }) => total + cpuTime, 0);
      const step = process.platform === 'win32' ? 20 : 0; // in which the system counts
      // The process has more threads than this one.
      assert.ok(sum > 0 && sum <= (user + system) / 1000 + step + 5, `${sum} of ${(user + system) / 1000}`);
      for (const { cpuTime, loopTime } of rows)
        assert.ok(cpuTime >= 0 && cpuTime <= loopTime * 1.05 + step + 1.5, JSON.stringify(rows));
    }));

  it('has a row for values of any kind', () =>
    counting({ keys: ['any'] }, (usage) => {
      const symbols = [Symbol('a'), Symbol('a')];
      const texts = ['1', '__proto__', 'constructor', '', 'idle', 'no context'];
      const values = [...symbols, ...texts, 1, -1, NaN, true, null, 10n];
      const hostile = { toString: () => assert.fail('called') };
      const objects = [{}, [], new Proxy({}, {}), Object.freeze({}), Object.create(null), hostile];
      const others = [() => {}, 10n ** 1000n, 'x'.repeat(1e6), undefined];
      for (const value of [...values, ...objects, ...others]) runWith('any', value, () => work(0.1));
      const rows = usage.by('any').filter(({ kind }) => kind === 'value');
      for (const value of values) {
        const found = rows.filter(({ row }) => Object.is(row, value));
        assert.ok(found.length === 1 && found[0].loopTime >= 0.09, String(value));
      }
      const names = rows.map(({ row }) => row);
      assert.strictEqual(names.length, values.length + 4);
      assert.ok(['[object]', '[function]', '[bigint]', `${'x'.repeat(128)}…`].every((row) => names.includes(row)));
      assert.ok(rowOf(usage, 'any', '[object]').loopTime >= 0.59);
      assert.ok(rowOf(usage, 'any', 'not set').loopTime >= 0.09);
    }));

  it('has rows that are bounded: the largest ones, and one for the rest', () =>
    counting({ keys: ['id'], maxRows: 10 }, (usage) => {
      for (let n = 0; n < 20_000; n++) {
        runWith('id', n);
        if (n % 2000 === 0) runWith('id', 'large', () => work(20));
      }
      const rows = usage.by('id');
      assert.strictEqual(rows.filter(({ kind }) => kind === 'value').length, 10);
      assert.ok(rowOf(usage, 'id', 'large').loopTime >= 199, JSON.stringify(rows));
      assert.strictEqual(rows.reduce((total, { callbacks }) => total + callbacks, 0), 20_010); // prettier-ignore
      assert.ok(rows.find(({ kind }) => kind === 'rest').callbacks > 18_000, JSON.stringify(rows));
      assertSum(usage, 'id');
    }));

  it('goes by the value that was set last, and by that of the innermost context that has one', () =>
    counting({ keys: ['tenant'] }, async (usage) => {
      await namespace.run(async () => {
        work(3);
        await nextTurn();
        work(3);
        assertAtLeast(usage, 'tenant', 'not set', 5.9);
        namespace.set('tenant', 'first');
        work(1);
        await nextTurn();
        assert.strictEqual(rowOf(usage, 'tenant', 'not set'), undefined);
        assertAtLeast(usage, 'tenant', 'first', 6.9);
        namespace.set('tenant', 'last');
        await nextTurn();
        namespace.run(() => work(3));
        runWith('tenant', 'inner', () => work(2));
        runWith('tenant', undefined, () => work(2));
      });
      await nextTurn();
      assert.strictEqual(rowOf(usage, 'tenant', 'first'), undefined);
      assertAtLeast(usage, 'tenant', 'last', 9.9);
      for (const row of ['inner', 'not set']) assert.ok(rowOf(usage, 'tenant', row).longest >= 1.99);
      assertSum(usage, 'tenant');
    }));

  it('has no row of what is all counted elsewhere now, also among those beyond maxRows, and no longest interval of it', () =>
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
      assert.deepStrictEqual(rows.map(({ row }) => row), ['late', 'early 0', ...SPECIAL]); // prettier-ignore
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

  it('keeps nothing of a text but the characters that it shows, and splits no pair of surrogates', async () => {
    // In a process of its own: what else keeps memory is not measured.
    const stdout = await outputOf(`
      ${HEAD}
      const usage = start({ keys: ['text'], maxRows: 1000 });
      const used = () => {
        gc();
        return process.memoryUsage().heapUsed / 1e6;
      };
      const before = used();
      const bodyOf = (n) => n + ' ' + 'x'.repeat(5e5) + 'y'.repeat(5e5);
      const run = (text) => runWith('text', text, () => {});
      for (let n = 0; n < 100; n++) [bodyOf(n), bodyOf(n).slice(0, 40), 'cons ' + bodyOf(n).slice(0, 50)].forEach(run);
      ['a'.repeat(127) + '\\u{1f600}b', '\\ud800'.repeat(129)].forEach(run);
      // Counts what has run, whose contexts are held until then.
      const rows = usage.by('text').map(({ row }) => row);
      // Contexts in which a collection may have been are held until the platform has reported it, in one of the next turns.
      const measure = (turns) => {
        const kept = used() - before;
        if (kept >= 20 && turns > 0) return setImmediate(measure, turns - 1);
        console.log(JSON.stringify([kept, rows]));
        usage.stop();
      };
      measure(20);
    `);
    const [kept, rows] = JSON.parse(stdout);
    assert.ok(kept < 20, `${kept} MB`);
    const expected = [`7 ${'x'.repeat(126)}…`, `7 ${'x'.repeat(38)}`, `cons 7 ${'x'.repeat(48)}`];
    for (const row of [...expected, `${'a'.repeat(127)}…`, `${'\ud800'.repeat(128)}…`]) assert.ok(rows.includes(row), row);
  });

  it('looks in all namespaces, in the order in which they are named', async () => {
    const other = createNamespace('usage by another');
    const cases = {
      other: [[other, namespace.name], ['other']],
      one: [
        [namespace, other],
        ['one', 'other'],
      ],
    };
    for (const [found, [namespaces, expected]] of Object.entries(cases)) {
      await counting({ namespaces, keys: ['key', 'query'] }, (usage) => {
        other.createContext({ key: 'other', query: 'select' }).run(() => runWith('key', 'one', () => work(2)));
        assert.ok(rowOf(usage, 'key', found).loopTime >= 1.99);
        assert.ok(rowOf(usage, 'query', 'select').loopTime >= 1.99);
        // Sorted: what delays the machine may make the outer one the longer.
        assert.deepStrictEqual(usage.by('key').map(({ row }) => row).slice(0, -3).sort(), expected); // prettier-ignore
      });
    }
  });

  it('counts what runs in no context, or in a default context, as such', () =>
    counting({ keys: ['key'] }, (usage) => {
      const nobody = namespace.active;
      runWith('key', 'a', () => nobody.run(() => work(5)));
      assert.ok(rowOf(usage, 'key', 'no context').loopTime >= 4.99);
      assert.ok(rowOf(usage, 'key', 'a').loopTime <= usage.wallTime - 4.99);
    }));

  it('is not led astray by a value that is a getter, which asks for rows and enters contexts', () =>
    counting({ keys: ['getter', 'id'] }, async (usage) => {
      const get = () => {
        namespace.run(() => usage.by('id'));
        return 'got';
      };
      const context = namespace.createContext({ id: 'getter' });
      Object.defineProperty(context.bag, 'getter', { get });
      for (let n = 0; n < 20; n++) {
        context.run(() => work(0.5));
        runWith('id', 'other', () => work(0.5));
        await nextTurn();
      }
      assertAtLeast(usage, 'getter', 'got', 9.9);
      assertAtLeast(usage, 'id', 'getter', 9.9);
      assertAtLeast(usage, 'id', 'other', 9.9);
      assertSum(usage, 'id');
      assertSum(usage, 'getter');
    }));

  it('refuses keys that are not among its option `keys`', () =>
    counting({ keys: ['key', 1] }, (usage) => {
      assert.deepStrictEqual(usage.keys, ['key', '1']);
      assert.throws(() => usage.by('other'), { code: 'ERR_INVALID_ARG_VALUE', message: /option keys/ });
      assert.throws(() => usage.by({}), { code: 'ERR_INVALID_ARG_TYPE' });
      assert.strictEqual(usage.by(1).length, 3);
    }));
});
