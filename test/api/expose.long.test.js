'use strict';

const assert = require('node:assert');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace, stats } = require('context');

const core = require('../../lib/frames/binding');
const engine = require('../../lib/engine');

/** The labels of the active context, as the core has them. */
const labels = () => core.labelsOf(engine.activeRecord());

async function collect() {
  for (let i = 0; i < 5; i++) {
    await nextTurn();
    global.gc();
  }
}

describe('the memory of labels', () => {
  it('is given back with their contexts', async () => {
    const namespace = createNamespace('expose.memory').expose('id', 'text');
    const use = (times) => {
      for (let i = 0; i < times; i++) namespace.run(() => namespace.set('text', 'x'.repeat(namespace.set('id', i) % 200)));
    };
    use(1000);
    await collect();
    const before = stats().bytes;
    const held = namespace.createContext({ id: 'held' });
    use(50_000);
    assert.ok(stats().bytes > before);
    await collect();
    assert.ok(stats().bytes < before + 300_000, `${before} bytes before, ${stats().bytes} after`);
    held.run(() => assert.deepStrictEqual(labels(), { id: 'held' }));
  });

  it('is in proportion to the contexts that live, however many others were made between them', async () => {
    const namespace = createNamespace('expose.survivors').expose('id');
    const make = (id) => {
      const context = namespace.createContext();
      context.set('id', id);
      return context;
    };
    const idOf = (context) => context.run(() => labels().id);
    await collect();
    const before = stats().bytes;
    const kept = [];
    const others = [];
    for (let i = 0; i < 300; i++) {
      kept.push(make(`kept ${i}`));
      for (let j = 0; j < 300; j++) others.push(make(`other ${j}`));
    }
    const most = stats().bytes - before;
    others.length = 0;
    for (let round = 0; round < 3; round++) await collect();
    const held = stats().bytes - before;
    assert.ok(most > 3e6 && held < 0.8e6, `${held} bytes for 300 contexts, ${most} when there were 90,000`);
    kept.forEach((context, i) => assert.strictEqual(idOf(context), `kept ${i}`));
    // They have been moved: what is written to them is read, too, and reaches no other one.
    kept.forEach((context, i) => (i % 3 === 0 ? context.delete('id') : context.set('id', `${'x'.repeat(i % 100)} ${i}`)));
    kept.forEach((context, i) => assert.strictEqual(idOf(context), i % 3 === 0 ? undefined : `${'x'.repeat(i % 100)} ${i}`));
  });

  it('stays the same if a label is set a million times', () => {
    const namespace = createNamespace('expose.million').expose('value');
    namespace.run((context = namespace.active) => {
      context.set('value', 'x'.repeat(128));
      const before = stats().bytes;
      for (let i = 0; i < 1_000_000; i++) context.set('value', i % 2 === 0 ? i : 'é'.repeat(i % 64));
      assert.strictEqual(stats().bytes, before);
      assert.deepStrictEqual(labels(), { value: 'é'.repeat(999_999 % 64) });
    });
  });
});
