'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');

const { createNamespace } = require('context');
const { start } = require('context/leaks');
const { watchCollection } = require('../../support/collected');
const { mustCall } = require('../../support/must-call');

const NOW = { olderThan: 0 };
const DISPOSE = Symbol.dispose ?? Symbol.for('nodejs.dispose');
const [TYPE, RANGE] = ['ERR_INVALID_ARG_TYPE', 'ERR_OUT_OF_RANGE'];

describe('context/leaks', () => {
  const request = createNamespace('leaks request');
  let leaks;
  const kept = [];

  /** A context that has ended and is kept. */
  function end(values) {
    const context = request.createContext(values);
    context.run(() => {});
    kept.push(context);
    return context;
  }

  const countOf = (options = NOW) => leaks.ended(options).reduce((sum, { count }) => sum + count, 0);

  afterEach(() => {
    leaks?.stop();
    kept.length = 0;
  });

  it('watches once in a thread: a second start is an error that changes nothing, and so is the stop of an old handle', () => {
    leaks = start();
    assert.throws(start, { code: 'ERR_CONTEXT_LEAKS_RUNNING' });
    const old = leaks;
    old.stop();
    leaks = start();
    old.stop();
    assert.throws(start, { code: 'ERR_CONTEXT_LEAKS_RUNNING' });
    leaks[DISPOSE]();
    leaks = start();
    end();
    assert.deepStrictEqual([countOf(), old.ended(NOW)], [1, []]);
  });

  it('refuses wrong options, and starts nothing then', async () => {
    for (const options of [null, 'text', { label: 'route' }, { label: null }])
      assert.throws(() => start(options), { code: TYPE });
    leaks = start({ label: undefined });
    const wrong = [
      [null, TYPE],
      [{ olderThan: '1' }, TYPE],
      [{ olderThan: -1 }, RANGE],
      [{ olderThan: NaN }, RANGE],
      [{ sample: 0 }, RANGE],
      [{ sample: null }, TYPE],
      [{ maxHeap: -1 }, RANGE],
      [{ maxHeap: '1 GB' }, TYPE],
    ];
    for (const [options, code] of wrong) {
      assert.throws(() => leaks.ended(options), { code });
      await assert.rejects(leaks.explain(options), { code });
    }
    for (const file of [undefined, '', 1]) assert.throws(() => leaks.writeSnapshot(file), { code: TYPE });
    assert.throws(() => leaks.writeSnapshot('/nowhere/at/all'));
  });

  it('counts the contexts that have ended by label, the most first', () => {
    leaks = start({ label: (context) => context.get('route') });
    for (const route of ['/a', '/b', '/b', undefined]) end({ route });
    kept.push(request.createContext());
    assert.deepStrictEqual(
      leaks.ended(NOW).map(({ label, count }) => [label, count]),
      [
        ['/b', 2],
        ['/a', 1],
        ['leaks request', 1],
      ],
    );
  });

  it('counts one as soon as it is old enough, and one that ends again from then on', () => {
    leaks = start();
    const context = end();
    assert.deepStrictEqual(leaks.ended(), []);
    let oldest = 0;
    while (oldest < 5) [{ oldest }] = leaks.ended(NOW);
    assert.deepStrictEqual([countOf({ olderThan: oldest }), countOf({ olderThan: oldest + 1e6 })], [1, 0]);
    assert.strictEqual(countOf({ olderThan: Infinity }), 0);
    const before = performance.now();
    context.run(() => {});
    const [{ count, oldest: since }] = leaks.ended(NOW);
    assert.deepStrictEqual([count, since <= performance.now() - before + 1], [1, true]);
    leaks.stop();
    context.run(() => {});
    assert.strictEqual(countOf(), 1);
  });

  it('hears of each way to end', async () => {
    leaks = start();
    const bound = request.createContext();
    bound.bind(() => {})();
    const ended = request.createContext();
    ended.end();
    const settled = request.createContext();
    await settled.run(async () => nextTurn());
    const tied = request.createContext();
    tied.endWith(nextTurn());
    await once(tied, 'end');
    kept.push(bound, ended, settled, tied);
    assert.throws(() => request.run(() => assert.fail('thrown')), { message: 'thrown' });
    assert.strictEqual(countOf(), 5);
  });

  it('keeps no label alive, survives labels that fail, and warns once', async () => {
    const labels = [
      [() => assert.fail('no label'), 'leaks request'],
      [() => Symbol('no text'), 'leaks request'],
      [() => Object.create(null), 'leaks request'],
      [() => 7, '7'],
      [() => null, 'leaks request'],
      [() => 'x'.repeat(1e6), `${'x'.repeat(128)}…`],
      [() => end() && 'nested', 'nested'],
    ];
    const warnings = [];
    const onWarning = mustCall(({ code }) => warnings.push(code), 3);
    process.on('warning', onWarning);
    for (const [label, expected] of labels) {
      leaks = start({ label });
      for (let times = 0; times < 2; times++) end();
      const found = leaks.ended(NOW).map((group) => group.label);
      assert.ok(found.includes(expected), `${found}`);
      leaks.stop();
    }
    await nextTurn();
    process.off('warning', onWarning);
    assert.deepStrictEqual(new Set(warnings), new Set(['CONTEXT_LEAKS_LABEL']));
  });

  it('holds nothing: ten thousand contexts are collected, also after ended() and explain()', async () => {
    leaks = start({ label: (context) => context.get('id') });
    const { watch, collected } = watchCollection();
    const serve = (id) => {
      const context = request.createContext({ id });
      watch(context);
      context.run(() => {});
    };
    for (let id = 0; id < 10_000; id++) serve(id);
    assert.strictEqual(countOf(), 10_000);
    await collected(10_000);
    // The last callback of a FinalizationRegistry comes in a turn of its own.
    for (let turn = 0; turn < 1000 && countOf() > 0; turn++) await nextTurn();
    assert.strictEqual(countOf(), 0);
  });

  it('counts frozen contexts', () => {
    leaks = start();
    Object.freeze(end());
    const frozen = Object.freeze(request.createContext());
    kept.push(frozen);
    frozen.run(() => {});
    end();
    assert.strictEqual(countOf(), 3);
  });

  it('is of a thread', async () => {
    leaks = start();
    const program = `
      const { createNamespace } = require('context');
      const { start } = require('context/leaks');
      const leaks = start();
      globalThis.kept = createNamespace('worker').createContext();
      kept.run(() => {});
      leaks.explain({ olderThan: 0, maxHeap: Infinity }).then(({ groups }) => {
        require('node:worker_threads').parentPort.postMessage([leaks.ended({ olderThan: 0 }).length, groups[0].line]);
      });`;
    const [answer] = await once(new Worker(program, { eval: true }), 'message');
    assert.deepStrictEqual([answer, countOf()], [[1, 'global → .kept the context'], 0]);
  });

  it('refuses to explain a heap that is larger than asked for, and names the other way', async () => {
    leaks = start();
    await assert.rejects(leaks.explain({ maxHeap: 1 }), { code: 'ERR_CONTEXT_LEAKS_HEAP', message: /writeSnapshot\(file\)/ });
  });
});
