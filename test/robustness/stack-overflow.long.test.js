'use strict';

const assert = require('node:assert');

const { linesOfProcess } = require('../support/steps');

/** Less stack than usual overflows sooner. */
const runProgram = (name, ...args) => linesOfProcess(['--stack-size=250', `test/robustness/programs/${name}`, ...args]);

describe('a stack that overflows', () => {
  it('in contexts, at many depths, leaves the program in none of them, and it goes on', async () => {
    assert.deepStrictEqual(await runProgram('overflow.js', '40'), ['[]']);
  });

  it('in an operation has changed nothing', async () => {
    for (const observer of [[], ['context/usage'], ['context/watchdog']]) {
      const results = JSON.parse(await runProgram('out-of-stack.js', ...observer));
      for (const [what, { done, failed }] of Object.entries(results)) assert.ok(done > 0 && failed > 0, what);
    }
  });

  it('in the first entry of a thread, wherever that was, has it carry contexts all the same', async () => {
    const lines = await linesOfProcess(`
      const { Worker } = require('worker_threads');
      const program = \`
        const { parentPort, workerData } = require('worker_threads');
        const namespace = require('context').createNamespace('first');
        let isEntered = false;
        // The deepest call enters first, then the one around it, until one has room for it.
        const recurse = () => {
          try { recurse(); } catch {}
          if (isEntered) return;
          try {
            namespace.run(() => {});
            isEntered = true;
          } catch {}
        };
        setImmediate(() => {
          recurse();
          namespace.run(async () => {
            namespace.set('id', 1);
            const inTimer = new Promise((resolve) => setTimeout(() => resolve(namespace.get('id')), 1));
            await null;
            parentPort.postMessage([isEntered, namespace.get('id'), await inTimer].join());
          });
        });
      \`;
      const seen = new Set();
      // Each worker has some words of stack less than the one before, so that calls end elsewhere.
      const start = (count) => {
        if (count === 0) return console.log(...seen);
        const worker = new Worker(program, { eval: true, resourceLimits: { stackSizeMb: 0.5 - (count * 8) / 2 ** 20 } });
        worker.on('message', (message) => seen.add(message));
        worker.on('exit', () => start(count - 1));
      };
      start(32);
    `);
    assert.deepStrictEqual(lines, ['true,1,1']);
  });
});

describe('a small stack', () => {
  const entry = `
    const namespace = require('context').createNamespace('small');
    namespace.run(async () => {
      namespace.set('id', 1);
      await new Promise((resolve) => setTimeout(resolve));
      console.log(namespace.get('id'));
    });`;
  const observers = `
    const observers = ['usage', 'watchdog', 'profiler'].map((name) => [require('context/' + name), name === 'profiler' ? { keys: ['id'] } : {}]);
    setImmediate(async () => {
      for (const [{ start }, options] of observers) await (await start(options)).stop();
      console.log('stopped');
    });`;

  const inWorker = (program, size) => [
    '-e',
    `new (require('worker_threads').Worker)(${JSON.stringify(program)}, { eval: true, resourceLimits: { stackSizeMb: ${size} } });`,
  ];

  it('is enough for the first entry', async () => {
    const runs = [['--stack-size=100', '-e', entry], inWorker(entry, 0.3), inWorker(entry, 0.28)];
    for (const lines of await Promise.all(runs.map((args) => linesOfProcess(args)))) assert.deepStrictEqual(lines, ['1']);
  });

  it('is enough for the observers if little of it is in use', async () => {
    const runs = [['--stack-size=100', '-e', observers], inWorker(observers, 0.3)];
    for (const lines of await Promise.all(runs.map((args) => linesOfProcess(args)))) assert.deepStrictEqual(lines, ['stopped']);
  });
});
