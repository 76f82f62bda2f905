'use strict';

const assert = require('node:assert');

const { runNode } = require('../support/child');

/** Runs a program with contexts of two namespaces around, one from a callback, and an AsyncLocalStorage beside. */
const runInContexts = (work) =>
  runNode(`
    const assert = require('assert');
    const { AsyncLocalStorage } = require('async_hooks');
    const { once } = require('events');
    const v8 = require('v8');
    const { Worker } = require('worker_threads');
    const storage = new AsyncLocalStorage();
    const [log, trace] = ['log', 'trace'].map((name) => require('context').createNamespace(name));
    const same = () => [log, trace].every((one) => one.get('id') === storage.getStore());
    storage.run(1, () => log.run(() => {
      log.set('id', 1);
      trace.run(() => {
        trace.set('id', 1);
        setImmediate(async () => {
          await null;
          ${work}
        });
      });
    }));
  `);

describe('a process that ends in a context', () => {
  const exits = {
    'process.exit': 'process.exit(3)',
    'process.exit in a nested run': 'log.run(() => trace.active.bind(() => process.exit(3))())',
    'process.exit in a listener of end': "log.active.on('end', () => process.exit(3)); log.active.end()",
    'process.exit in a microtask': 'queueMicrotask(() => process.exit(3))',
    'process.exit with many pages in use':
      'globalThis.all = Array.from({ length: 50000 }, () => log.run(() => log.bind(() => {}))); process.exit(3)',
    'process.exit with workers in contexts': `
      const workers = [1, 2, 3].map(() => new Worker('./test/robustness/programs/busy-worker.js'));
      let left = 3;
      workers.forEach((worker) => worker.on('online', () => { if (--left === 0) process.exit(3); }))`,
    'process.exitCode': 'process.exitCode = 3',
    'process.reallyExit, without listeners': 'log.run(() => process.reallyExit(3))',
    'an exception that nobody catches': "setImmediate(() => { throw new Error('nobody catches this'); })",
  };
  for (const [what, exit] of Object.entries(exits)) {
    it(`does so by ${what}, and its listeners run where the store is`, async () => {
      const { code, stdout, stderr } = await runInContexts(`
        process.on('exit', (status) => console.log(status, same()));
        ${exit};
      `);
      const status = what.startsWith('an exception') ? 1 : 3;
      assert.deepStrictEqual([code, stdout], [status, what.includes('reallyExit') ? '' : `${status} true\n`], stderr);
      if (status === 1) assert.match(stderr, /^Error: nobody catches this$/m);
    });
  }
});

describe('a heap snapshot that is taken in a context', () => {
  it('is whole, and the context is active in what comes after', async () => {
    const { code, stdout, stderr } = await runInContexts(`
      const fs = require('fs');
      const path = require('path');
      const folder = fs.mkdtempSync(path.join(require('os').tmpdir(), 'context-'));
      try {
        const file = v8.writeHeapSnapshot(path.join(folder, 'heap.heapsnapshot'));
        const { nodes, edges } = JSON.parse(fs.readFileSync(file));
        assert.ok(nodes.length > 0 && edges.length > 0 && same());
      } finally {
        fs.rmSync(folder, { recursive: true });
      }
      let text = '';
      for await (const chunk of v8.getHeapSnapshot()) {
        assert.ok(same());
        text += chunk;
      }
      assert.ok(JSON.parse(text).strings.includes('Context'));
      setImmediate(() => log.run(() => console.log(same(), log.get('id'))));
    `);
    assert.deepStrictEqual([code, stdout], [0, 'true 1\n'], stderr);
  });

  it('of a worker does the worker no harm', async () => {
    const { code, stdout, stderr } = await runInContexts(`
      const worker = new Worker('./test/robustness/programs/busy-worker.js');
      await once(worker, 'online');
      let length = 0;
      for await (const chunk of await worker.getHeapSnapshot()) length += chunk.length;
      await worker.terminate();
      console.log(length > 0, same(), log.get('id'));
    `);
    assert.deepStrictEqual([code, stdout], [0, 'true true 1\n'], stderr);
  });
});

describe('all of the API', () => {
  const others = ['--disallow-code-generation-from-strings', '--disable-proto=throw', '--disable-proto=delete', '--jitless'];
  for (const flag of ['--frozen-intrinsics', ...others]) {
    it(`works with node ${flag}`, async () => {
      const { code, stdout, stderr } = await runNode([flag, 'test/robustness/programs/all-of-the-api.js']);
      assert.deepStrictEqual([code, stdout.trimEnd().split('\n').at(-1)], [0, 'done'], stderr);
    });
  }
});
