'use strict';

const assert = require('node:assert');
const { once } = require('node:events');

const { createNamespace } = require('context');
const { start } = require('context/watchdog');

const { watchCollection } = require('../../support/collected');
const { mustCall } = require('../../support/must-call');

const namespace = createNamespace('watchdog.reports');
const other = createNamespace('watchdog.reports.other');

let watchdog;

/** Blocks until the watchdog has reported the turn for the active context. */
function blockUntilReported(context = namespace.active) {
  while (watchdog.reportsOf(context).length === 0);
}

const shareOf = (report, context) =>
  report.namespaces.flatMap(({ shares }) => shares).find((share) => share.context === context)?.share;

const namesOf = (contexts) => contexts.map((context) => context.get('name'));

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the reports of a watchdog', () => {
  beforeEach(async () => {
    watchdog = start({ threshold: 20, destination: '/dev/null', stack: false });
    await turn();
  });
  afterEach(() => watchdog.stop());

  it('have the contexts themselves, hidden from JSON, clones and the console', async () => {
    const outer = namespace.createContext({ name: 'outer' });
    const inner = namespace.createContext({ name: 'inner' });
    const elsewhere = other.createContext({ name: 'elsewhere' });
    let blocked;
    let ofNamespace;
    // On a busy machine the last line of a turn may be written when the contexts were left.
    do {
      await turn();
      const later = once(watchdog, 'blocked');
      outer.run(() => inner.run(() => elsewhere.run(() => blockUntilReported(inner))));
      [blocked] = await later;
      ofNamespace = blocked.namespaces.find(({ name }) => name === namespace.name);
    } while (!(ofNamespace?.contexts.length > 0));
    assert.deepStrictEqual(namesOf(blocked.contexts).sort(), ['elsewhere', 'inner', 'outer']);
    assert.deepStrictEqual(namesOf(ofNamespace.contexts.map(({ context }) => context)), ['outer', 'inner']);
    assert.ok(shareOf(blocked, inner) > 0);
    for (const copy of [JSON.parse(JSON.stringify(blocked)), structuredClone(blocked), { ...blocked }]) {
      assert.deepStrictEqual(Object.keys(copy), Object.keys(blocked));
      assert.ok(!('contexts' in copy) && !('context' in structuredClone(copy.namespaces[0].contexts[0])));
    }
  });

  it('are there for who blocked in its end listener, before the event, and stay the event’s afterwards', async () => {
    const [first, second, idle] = [1, 2, 3].map((name) => namespace.createContext({ name }));
    const early = [];
    watchdog.on('blocked', () => assert.strictEqual(early.length, 2));
    for (const context of [first, second])
      context.once(
        'end',
        mustCall(() => early.push(watchdog.reportsOf(context))),
      );
    first.run(() => blockUntilReported());
    second.run(() => blockUntilReported());
    assert.deepStrictEqual(watchdog.reportsOf(idle), []);
    const [[ofFirst], [ofSecond]] = early;
    assert.ok(ofFirst.duration >= 20 && ofSecond.duration >= ofFirst.duration);
    assert.ok(shareOf(ofFirst, first) > shareOf(ofSecond, first) && shareOf(ofSecond, second) > 0);
    assert.strictEqual(shareOf(ofFirst, second), undefined);
    const [blocked] = await once(watchdog, 'blocked');
    const reports = watchdog.reportsOf(first);
    assert.ok(reports.length === 1 && reports[0] === blocked);
    watchdog.stop();
    assert.deepStrictEqual([watchdog.reportsOf(first), watchdog.reportsOf(idle)], [[blocked], []]);
  });

  it('are those of enclosing contexts of the namespace too, also of turns long ago', async () => {
    const [outer, inner, elsewhere] = [namespace, namespace, other].map((each) => each.createContext());
    const blocks = [];
    watchdog.on('blocked', (blocked) => blocks.push(blocked));
    await outer.run(async () => {
      for (let count = 1; count <= 3; count++) {
        elsewhere.run(() => inner.run(() => { while (watchdog.reportsOf(inner).length < count); })); // prettier-ignore
        await turn();
        await turn();
      }
    });
    const expected = blocks.filter(({ contexts }) => contexts.includes(inner));
    assert.strictEqual(expected.length, 3);
    for (const context of [outer, inner, elsewhere]) assert.deepStrictEqual(watchdog.reportsOf(context), expected);
  });

  it('are only of watched namespaces, and of contexts', async () => {
    watchdog.stop();
    watchdog = start({ threshold: 20, destination: '/dev/null', namespaces: [namespace] });
    await turn();
    const [watched, ignored] = [namespace, other].map((each) => each.createContext({ name: each.name }));
    ignored.run(() => watched.run(() => blockUntilReported(watched)));
    assert.deepStrictEqual(watchdog.reportsOf(ignored), []);
    const [blocked] = await once(watchdog, 'blocked');
    assert.deepStrictEqual(namesOf(blocked.contexts), [namespace.name]);
    for (const wrong of [Object.create(namespace.active), undefined, null, {}, namespace, 1]) {
      assert.throws(() => watchdog.reportsOf(wrong), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
    }
    assert.deepStrictEqual(watchdog.reportsOf(namespace.active), []);
  });

  it('keep no context alive, nor those that were sampled', async () => {
    const reports = [];
    const watched = watchCollection();
    watchdog.on('blocked', (blocked) => reports.push(blocked));
    (() => {
      const context = namespace.createContext();
      watched.watch(context);
      context.run(() => blockUntilReported());
    })();
    await once(watchdog, 'blocked');
    await turn();
    await watched.collected(1);
    // On a busy machine there are reports of other turns.
    const [report] = reports.filter(({ namespaces }) => namespaces.length > 0);
    assert.deepStrictEqual([report.contexts, report.namespaces[0].shares[0].context], [[], undefined]);
  });

  it('find who blocks after ten thousand short contexts in the same turn', () => {
    for (let i = 0; i < 10_000; i++) namespace.run(() => performance.now());
    for (let i = 0; i < 100; i++) namespace.run(() => { for (const end = performance.now() + 1; performance.now() < end; ); }); // prettier-ignore
    namespace.run(() => blockUntilReported());
  });
});
