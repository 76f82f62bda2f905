'use strict';

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const { once } = require('node:events');
const { setTimeout: delay } = require('node:timers/promises');
const { promisify } = require('node:util');
const { Worker } = require('node:worker_threads');

const { start } = require('context/watchdog');
const { root, runNode } = require('../../support/child');

/** Runs node and says how it ended. */
async function run(args) {
  try {
    return { code: 0, signal: null, ...(await promisify(execFile)(process.execPath, args, { cwd: root })) };
  } catch ({ code, signal, stderr }) {
    return { code, signal, stderr };
  }
}

describe('a thread that ends while it is watched', () => {
  const busy = `
    const { createNamespace } = require('context');
    const { start } = require('context/watchdog');
    const namespace = createNamespace('worker').expose('id');
    start({ threshold: 10, every: 10, destination: '/dev/null' });
    require('node:worker_threads').parentPort.postMessage('ready');
    setImmediate(function turn() {
      namespace.run(() => {
        namespace.set('id', 'x'.repeat(Math.random() * 200));
        const end = Date.now() + 5 + Math.random() * 30;
        while (Date.now() < end) namespace.set('id', 'y');
      });
      setImmediate(turn);
    });
  `;

  it('may be terminated at any moment, while others are watched', async function () {
    const watchdog = start({ threshold: 10_000, destination: '/dev/null' });
    for (let i = 0; i < 12; i++) {
      const workers = [1, 2].map(() => new Worker(busy, { eval: true }));
      await Promise.all(workers.map((worker) => once(worker, 'message')));
      await delay(i * 6);
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
    watchdog.stop();
  });

  it('may end the process in the middle of a block', async () => {
    const { code, stdout, stderr } = await runNode(`
      require('context/watchdog').start({ threshold: 20, destination: 1, stack: false });
      process.on('exit', () => { const end = Date.now() + 50; while (Date.now() < end); });
      setTimeout(() => { const end = Date.now() + 100; while (Date.now() < end); process.exit(3); }, 10);
    `);
    assert.strictEqual(code, 3, stderr);
    assert.ok(stdout.startsWith('{"event":"context.blocked"'), stdout);
  });

  it('may run out of memory, in a worker', async () => {
    const { stdout, stderr } = await runNode(`
      const { Worker } = require('node:worker_threads');
      const text = \`
        require('context/watchdog').start({ threshold: 10, every: 10, destination: '/dev/null' });
        // In one turn, and nothing large: if it is a task of the collector that finds no memory, V8 ends the whole process.
        setImmediate(() => {
          for (let list; ; ) list = { list };
        });
      \`;
      const make = () => new Worker(text, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 40 } });
      for (let i = 0; i < 3; i++) make().on('error', ({ code }) => console.log(code));
    `);
    assert.strictEqual(stdout, 'ERR_WORKER_OUT_OF_MEMORY\n'.repeat(3), stderr);
  });

  it('may run out of memory, and the process ends as it does without', async () => {
    const endOf = async (before) => {
      const program = `
        ${before}
        const all = [];
        setTimeout(() => {
          for (let i = 0; ; i++) all.push({ i });
        }, 10);
      `;
      const { code, signal, stderr } = await run(['--max-old-space-size=20', '-e', program]);
      return { code, signal, says: /FATAL ERROR: .*heap out of memory/.test(stderr) };
    };
    const usual = await endOf('');
    assert.strictEqual(usual.says, true);
    for (const threshold of [10, 20, 60_000]) {
      const watched = `
        require('context/watchdog').start({ threshold: ${threshold}, every: 10, destination: '/dev/null' });
      `;
      assert.deepStrictEqual(await endOf(watched), usual);
    }
  });

  it('may be aborted, in the middle of a block and where that is told', async function () {
    if (process.platform === 'win32') return; // no such signal
    const options = "{ threshold: 20, destination: '/dev/null' }";
    const block = 'for (const end = Date.now() + 100; Date.now() < end;);';
    for (const program of [
      `require('context/watchdog').start(${options}); setTimeout(() => { ${block} process.abort(); }, 10);`,
      `require('context/watchdog').start(${options}).on('blocked', () => process.abort()); setTimeout(() => { ${block} setTimeout(() => {}, 1000); }, 10);`,
    ]) {
      const { code, signal } = await run(['-e', program]);
      assert.deepStrictEqual([code, signal], [null, 'SIGABRT']);
    }
  });

  it('may end where a block is told: process.exit in a listener', async () => {
    const program = (end) => `
      require('context/watchdog').start({ threshold: 20, destination: '/dev/null' }).on('blocked', () => ${end});
      setTimeout(() => { for (const end = Date.now() + 100; Date.now() < end;); setInterval(() => {}, 1000); }, 10);
    `;
    assert.deepStrictEqual(await runNode(program('process.exit(3)')), { code: 3, stdout: '', stderr: '' });
    const inWorker = `
      const { Worker } = require('node:worker_threads');
      new Worker(${JSON.stringify(program('process.exit(4)'))}, { eval: true })
        .on('error', (error) => console.log(error))
        .on('exit', (code) => { console.log(code); });
    `;
    assert.deepStrictEqual(await runNode(inWorker), { code: 0, stdout: '4\n', stderr: '' });
  });

  it('may be a worker that is terminated as soon as it was made', async function () {
    for (let i = 0; i < 20; i++) {
      const workers = [0, 1, 2].map(() => new Worker(busy, { eval: true }));
      await delay(i * 3);
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
  });

  it('may be terminated while its stack is read, as it waits: a worker, and a script of node:vm', async () => {
    // Reading takes some 10 ms: each call of the stack has a name of a million characters.
    const waits = `
      require('context/watchdog').start({ threshold: 10, every: 10, destination: '/dev/null' });
      const source = '(function wait(depth) {'
        + 'if (depth > 0) return wait(depth - 1);'
        + 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);'
        + '})';
      const vm = require('node:vm');
      globalThis.wait = vm.runInThisContext(source, { filename: 'file:///' + 'x'.repeat(1e6) });
    `;
    const worker = `
      ${waits}
      setImmediate(() => {
        require('node:worker_threads').parentPort.postMessage('waits');
        wait(49);
      });
    `;
    const workers = await runNode(`
      const { once } = require('node:events');
      const { Worker } = require('node:worker_threads');
      (async () => {
        for (let i = 0; i < 20; i++) {
          const worker = new Worker(${JSON.stringify(worker)}, { eval: true });
          await once(worker, 'message');
          await new Promise((resolve) => setTimeout(resolve, 10 + i * 2));
          await worker.terminate();
        }
        console.log('over');
      })();
    `);
    assert.deepStrictEqual(workers, { code: 0, stdout: 'over\n', stderr: '' });
    const scripts = await runNode(`
      ${waits}
      const codes = new Set();
      let count = 0;
      setImmediate(function turn() {
        try {
          vm.runInThisContext('wait(49)', { timeout: 10 + count * 2 });
        } catch ({ code }) {
          codes.add(code);
        }
        if (++count < 20) return setTimeout(turn, 1);
        console.log([...codes].join());
        process.exit();
      });
    `);
    assert.deepStrictEqual(scripts, { code: 0, stdout: 'ERR_SCRIPT_EXECUTION_TIMEOUT\n', stderr: '' });
  });

  it('may be one of 100 workers that are all blocked, and terminated at once', async function () {
    const count = 100;
    const endless = `
      const { parentPort, threadId } = require('node:worker_threads');
      require('context/watchdog').start({ threshold: 10, every: 10, destination: '/dev/null' });
      parentPort.postMessage('ready');
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
    `;
    const { code, stdout, stderr } = await runNode(`
      const { once } = require('node:events');
      const { Worker } = require('node:worker_threads');
      (async () => {
        const workers = [];
        for (let i = 0; i < ${count}; i++) {
          workers.push(new Worker(${JSON.stringify(endless)}, { eval: true }));
          await once(workers.at(-1), 'message');
        }
        await Promise.all(workers.map((worker) => worker.terminate()));
        console.log('over');
      })();
    `);
    assert.deepStrictEqual([code, stdout], [0, 'over\n'], stderr);
  });
});
