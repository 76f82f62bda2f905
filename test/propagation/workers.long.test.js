'use strict';

const assert = require('node:assert');

const { linesOfProcess } = require('../support/steps');

describe('a worker', () => {
  it('that is terminated in the middle frees its native memory', async function () {
    this.timeout(120_000);
    // Each of them holds 100,000 frames, which are 3 MB of pages and more of objects.
    const [line] = await linesOfProcess(`
      const { once } = require('events');
      const { Worker } = require('worker_threads');
      const program = \`
        const { parentPort } = require('worker_threads');
        const namespace = require('context').createNamespace('worker');
        const bound = Array.from({ length: 100000 }, () => namespace.run(() => namespace.bind(() => {})));
        const turn = () => namespace.run(async () => { bound[0](); await null; setImmediate(turn); });
        turn();
        parentPort.postMessage('running');
      \`;
      const startAndTerminate = async () => {
        const worker = new Worker(program, { eval: true });
        await once(worker, 'message');
        await worker.terminate();
      };
      (async () => {
        // What Node.js and the allocator keep for the next worker grows over the first ones.
        for (let i = 0; i < 12; i++) await startAndTerminate();
        const before = process.memoryUsage();
        for (let i = 0; i < 10; i++) await startAndTerminate();
        const after = process.memoryUsage();
        console.log(JSON.stringify({ rss: (after.rss - before.rss) / 2 ** 20, buffers: after.arrayBuffers - before.arrayBuffers }));
      })();
    `);
    const { rss, buffers } = JSON.parse(line);
    assert.ok(rss < 20, `${rss} MB are left over of 10 workers, which had 30 MB of pages alone`);
    assert.ok(buffers < 300_000, `${buffers} bytes of buffers are left over of 10 workers, which had 30 MB of pages`);
  });
});
