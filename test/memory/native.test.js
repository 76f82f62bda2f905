'use strict';

const assert = require('node:assert');

const { runNode } = require('../support/child');

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
  for (const polls of [false, true]) {
    it(`is given back after a collection, ${polls ? 'while stats() is polled' : 'without a call of stats()'}`, async () => {
      const { code, stdout, stderr } = await runNode(`
        ${measure}
        measure(300_000, ${polls}).then((result) => console.log(JSON.stringify(result)));
      `);
      assert.strictEqual(code, 0, stderr);
      assertGivenBack(JSON.parse(stdout), 300_000);
    });
  }

  it('is given back in a worker, and by workers that are terminated while they give it back', async () => {
    const { code, stdout, stderr } = await runNode(`
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
    assert.strictEqual(code, 0, stderr);
    const { result, terminated, left } = JSON.parse(stdout);
    assertGivenBack(result, 200_000);
    assert.strictEqual(terminated, 20);
    assert.ok(left < ROOM, `${left} bytes are left of the workers`);
  });

  it('that is given back leaves the contexts that live as they were', async () => {
    const { code, stdout, stderr } = await runNode(`
      const assert = require('assert');
      const core = require('./lib/frames/binding');
      ${measure}
      const namespace = createNamespace('kept');
      const kept = [];
      const make = (id) => namespace.run(() => {
        namespace.set('id', id);
        return namespace.run(() => namespace.bind(() => [namespace.get('id'), core.describe(require('./lib/engine').activeRecord())[0].depth]));
      });
      (async () => {
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
    assert.deepStrictEqual([code, stdout], [0, '100\n'], stderr);
  });

  it('is given back without a hook, a timer, or a built-in that the application changed', async () => {
    const { code, stdout, stderr } = await runNode(`
      ${measure}
      const { createHook, AsyncLocalStorage } = require('async_hooks');
      createNamespace('loaded');
      const { apply } = Reflect;
      const { call } = Function.prototype;
      FinalizationRegistry.prototype.register = () => { throw new Error('tampered'); };
      globalThis.FinalizationRegistry = undefined;
      Reflect.apply = Function.prototype.call = () => { throw new Error('tampered'); };
      measure(50000, false).then(({ before, after }) => {
        Reflect.apply = apply;
        Function.prototype.call = call;
        console.log(after.all - before.all < ${ROOM}, process.getActiveResourcesInfo().filter((name) => /Timeout|Immediate/.test(name)).length);
      });
    `);
    assert.deepStrictEqual([code, stdout], [0, 'true 0\n'], stderr);
  });
});
