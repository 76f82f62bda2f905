'use strict';

/**
 * Performs every operation of the native core a bounded number of times, by the API if that reaches it: the program that
 * memory checkers watch (`node tools/test-sanitize.js`). It needs --expose-gc. It ends with an error if an outcome is wrong.
 */

const assert = require('node:assert');
const { AsyncResource } = require('node:async_hooks');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { Worker, isMainThread } = require('node:worker_threads');

const { createNamespace, destroyNamespace, stats } = require('context');
const { start } = require('context/watchdog');

const core = require('../../lib/frames/binding');
const engine = require('../../lib/engine');
const attacks = require('./attacks');

const NAMESPACES = 20;
const FRAMES = 20_000; // chunks of memory by the dozen
const LEVELS = 300;
const STARTS = 20;
const BLOCK = 1000; // milliseconds
const BLOCKS = 50;

async function collect() {
  for (let i = 0; i < 5; i++) {
    await nextTurn();
    global.gc();
  }
}

/** Namespaces come and go, and their slots are used again. */
async function useSlots() {
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < NAMESPACES; i++) {
      const name = `operations.${i}${'\u{1F600}'.repeat(i)}\uD800`;
      const namespace = createNamespace(name);
      namespace.run(() => namespace.run(() => namespace.set('self', namespace)));
      assert.strictEqual(stats().namespaces[name].deepest, 2);
      destroyNamespace(name);
    }
    await collect();
  }
}

/** Pages are opened, closed and opened again, in chunks that come and go. */
async function usePages() {
  const namespace = createNamespace('operations.pages');
  for (let round = 0; round < 3; round++) {
    const bound = Array.from({ length: FRAMES }, () => namespace.run(() => namespace.bind(() => namespace.active)));
    const { pages } = stats();
    assert.ok(pages > 50, `${FRAMES} frames are in ${pages} pages`);
    assert.ok(bound.every((one) => one() !== undefined));
    bound.length = 0;
    await collect();
    // Some of it without anybody asking, if a collection was seen.
    assert.ok(core.reclaim() < pages / 2, `${stats().pages} of ${pages} pages are left without a frame`);
  }
}

/** The word of the active record follows every switch. */
function useActiveWord() {
  const namespaces = Array.from({ length: 3 }, (_, index) => createNamespace(`operations.active.${index}`));
  const nest = (level) => {
    const namespace = namespaces[level % namespaces.length];
    namespace.run(() => {
      const before = core.describe(engine.activeRecord());
      assert.strictEqual(before.length, Math.min(level + 1, namespaces.length));
      assert.deepStrictEqual([before[0].name, before[0].depth], [namespace.name, Math.floor(level / namespaces.length) + 1]);
      if (level < LEVELS) new AsyncResource('operations').runInAsyncScope(nest, null, level + 1);
      assert.deepStrictEqual(core.describe(engine.activeRecord()), before);
    });
  };
  nest(0);
  assert.deepStrictEqual(core.describe(engine.activeRecord()), []);
}

/** A watchdog that reports a block, with the labels of what blocks and the stack, and many that find nothing. */
async function useWatchdog() {
  const namespace = createNamespace('operations.watchdog').expose('id', 'text');
  for (let i = 0; i < STARTS; i++) start({ threshold: 10, destination: require('node:os').devNull }).stop();
  const watchdog = start({ threshold: 20, every: 20, destination: require('node:os').devNull });
  const reports = [];
  watchdog.on('blocked', ({ namespaces, stack }) => {
    const found = namespaces.find(({ name }) => name === 'operations.watchdog');
    // The checkers are slow: other turns may last for the threshold as well.
    if (found !== undefined) reports.push({ id: found.shares[0]?.labels.id, stack });
  });
  // The checkers may keep the watchdog's thread from its turn, and a label that is being written when it is read is left out.
  const isWhole = ({ id }) => id !== undefined;
  for (let block = 0; block < BLOCKS && !reports.some(isWhole); block++) {
    await nextTurn();
    namespace.run(() => {
      for (const end = performance.now() + BLOCK; performance.now() < end;) {
        namespace.set('id', 'operations');
        namespace.set('text', '\u{1F600}'.repeat(performance.now() % 60));
      }
    });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  watchdog.stop();
  const { id, stack } = reports.find(isWhole);
  assert.strictEqual(id, 'operations');
  assert.ok(Array.isArray(stack), `the stack is ${stack}`);
}

/** A thread that ends by itself, and one that is ended in the middle, each with a core of its own. */
async function useThreads() {
  await new Promise((resolve, reject) => new Worker(__filename).on('error', reject).on('exit', resolve));
  const endless = `
    const { createNamespace } = require('context');
    const namespace = createNamespace('endless');
    require('context/watchdog').start({ threshold: 10, every: 10, destination: require('node:os').devNull });
    const turn = () => namespace.run(() => setImmediate(namespace.active.bind(turn)));
    turn();
    require('node:worker_threads').parentPort.postMessage('runs');
  `;
  const worker = new Worker(endless, { eval: true });
  await new Promise((resolve, reject) => worker.on('error', reject).on('message', resolve));
  await worker.terminate();
}

async function main() {
  await useSlots();
  await usePages();
  useActiveWord();
  await useWatchdog();
  if (isMainThread) await useThreads();
  for (const attack of Object.values(attacks)) attack();
  attacks.detachActiveWord();
  if (!isMainThread) return;
  console.log(`All operations of the core: ${stats().pages} pages are left, engine ${engine.name}`);
}

main();
