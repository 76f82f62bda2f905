'use strict';

const assert = require('node:assert');
const path = require('node:path');

const { linesOf } = require('../support/child');
const { binary, copyPackage } = require('../support/copy');

describe('50 worker threads', () => {
  it('come and go at random moments beside contexts that are active', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    assert.deepStrictEqual(await linesOf(['test/robustness/programs/workers.js', String(seed)]), ['50']);
  });
});

describe('a worker thread', () => {
  it('may be terminated while it loads the addon', async () => {
    assert.deepStrictEqual(await linesOf(['test/robustness/programs/loading-workers.js', binary]), ['24']);
  });
});

describe('the addon, loaded from two paths', () => {
  it('works from each of them, in one process and in a worker of it that is terminated', async () => {
    const paths = [binary, path.join(copyPackage(), 'build', 'Release', 'context.node')];
    const lines = await linesOf(`
      const { once } = require('events');
      const { Worker } = require('worker_threads');
      const program = \`
        const assert = require('assert');
        const cores = ${JSON.stringify(paths)}.map((path) => require(path));
        const use = () => cores.map((core, index) => {
          for (let i = 0; i <= index; i++) core.createNamespace('namespace', {});
          const page = {};
          const first = core.openPage(page);
          core.memoryOf(first).fill(0, 0, 8);
          assert.deepStrictEqual(core.describe(0), []);
          return core.stats().pages;
        });
      \`;
      (async () => {
        const worker = new Worker(program + "use(); require('worker_threads').parentPort.postMessage(0); setInterval(use, 1);", { eval: true });
        await once(worker, 'message');
        new Function('require', program + 'this.pages = use();').call(globalThis, require);
        await worker.terminate();
        new Function('require', program + 'this.again = use();').call(globalThis, require);
        console.log(pages.join(), again.join(), new Set(${JSON.stringify(paths)}.map((path) => require(path))).size);
      })();
    `);
    assert.deepStrictEqual(lines, ['1,1 2,2 2']);
  });
});
