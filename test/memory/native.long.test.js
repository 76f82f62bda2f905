'use strict';

const assert = require('node:assert');

const { linesOf } = require('../support/child');

/**
 * Makes and drops contexts, and returns what the core and the process hold before, while the contexts live, and after a
 * collection and some turns of the event loop. Nothing calls into the core meanwhile, unless `polls`.
 */
const measure = `
  const { createNamespace, stats } = require('context');
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const held = () => ({ ours: stats().bytes, all: process.memoryUsage().arrayBuffers });
  const measure = async (contexts, polls) => {
    const namespace = createNamespace('memory');
    namespace.run(() => {});
    const settle = async () => {
      for (let i = 0; i < 10; i++) {
        if (i === 0) gc();
        if (polls) stats();
        await turn();
      }
    };
    await settle();
    const before = held();
    let bound = [];
    for (let i = 0; i < contexts; i++) {
      namespace.run(() => bound.push(namespace.bind(() => {})));
      if (polls && i % 1000 === 0) stats();
    }
    const during = held();
    bound = undefined;
    await settle();
    // Asked of the process first: asking the core would have it give back what it still has.
    const all = process.memoryUsage().arrayBuffers;
    return { before, during, after: { all, ours: stats().bytes } };
  };
`;

const ROOM = 300_000;

function assertGivenBack({ before, during, after }, contexts) {
  const shown = JSON.stringify({ before, during, after });
  for (const which of ['ours', 'all']) {
    assert.ok(during[which] - before[which] >= contexts * 24, shown);
    assert.ok(after[which] - before[which] < ROOM, shown);
  }
}

describe('native memory', () => {
  it('is given back after a collection, without a call of stats() and while it is polled', async () => {
    for (const polls of [false, true]) {
      const [line] = await linesOf(
        `${measure} measure(300_000, ${polls}).then((result) => console.log(JSON.stringify(result)));`,
      );
      assertGivenBack(JSON.parse(line), 300_000);
    }
  });

  it('is given back in a worker, and by workers that are terminated while they give it back', async () => {
    const [line] = await linesOf(`
      const { once } = require('events');
      const { Worker } = require('worker_threads');
      const measured = \`
        ${measure}
        measure(200000, false).then((result) => require('worker_threads').parentPort.postMessage(result));
      \`;
      const busy = \`
        ${measure}
        require('worker_threads').parentPort.postMessage('begins');
        const again = () => measure(3000, true).then(again);
        again();
      \`;
      (async () => {
        const [result] = await once(new Worker(measured, { eval: true }), 'message');
        const before = process.memoryUsage().arrayBuffers;
        let terminated = 0;
        for (; terminated < 20; terminated++) {
          const worker = new Worker(busy, { eval: true });
          await once(worker, 'message');
          for (let i = 0; i < terminated * 100; i++) await new Promise(setImmediate);
          await worker.terminate();
        }
        console.log(JSON.stringify({ result, terminated, left: process.memoryUsage().arrayBuffers - before }));
      })();
    `);
    const { result, terminated, left } = JSON.parse(line);
    assertGivenBack(result, 200_000);
    assert.strictEqual(terminated, 20);
    assert.ok(left < ROOM, `${left} bytes are left of the workers`);
  });

  it('that is given back leaves the contexts that live as they were', async () => {
    const lines = await linesOf(`
      const assert = require('assert');
      const core = require('./lib/frames/binding');
      const engine = require('./lib/engine');
      ${measure}
      const namespace = createNamespace('kept');
      const look = () => [namespace.get('id'), core.describe(engine.activeRecord())[0].depth];
      const make = (id) => namespace.createContext({ id }).run(() => namespace.run(() => namespace.bind(look)));
      (async () => {
        const kept = [];
        for (let round = 0; round < 20; round++) {
          for (let i = 0; i < 5000; i++) {
            const one = make(kept.length);
            if (i % 1000 === 0) kept.push(one);
          }
          gc();
          await turn();
          await turn();
          kept.forEach((one, id) => assert.deepStrictEqual(one(), [id, 2]));
        }
        console.log(kept.length);
      })();
    `);
    assert.deepStrictEqual(lines, ['100']);
  });

  it('is given back without a hook, a timer, or a built-in that the application changed', async () => {
    const lines = await linesOf(`
      ${measure}
      createNamespace('loaded');
      const { apply } = Reflect;
      const { call } = Function.prototype;
      const fail = () => { throw new Error('tampered'); };
      FinalizationRegistry.prototype.register = Reflect.apply = Function.prototype.call = fail;
      globalThis.FinalizationRegistry = undefined;
      measure(50000, false).then(({ before, after }) => {
        Reflect.apply = apply;
        Function.prototype.call = call;
        const active = process.getActiveResourcesInfo().filter((name) => /Timeout|Immediate/.test(name));
        console.log(after.all - before.all < ${ROOM}, active.length);
      });
    `);
    assert.deepStrictEqual(lines, ['true 0']);
  });
});
