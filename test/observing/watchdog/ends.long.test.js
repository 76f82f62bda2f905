'use strict';

const assert = require('node:assert');

const programs = require('../programs');
const { itRuns, run } = require('./programs');

/** Text for programs: watched at 20 ms, they block for long and call a function of `blocked`. */
const endInListener = (end) => `
  require('context/watchdog').start({ threshold: 20, destination: require('node:os').devNull }).on('blocked', () => ${end});
  setTimeout(() => { for (const end = Date.now() + 100; Date.now() < end;); setInterval(() => {}, 1000); }, 10);
`;

const endInBlock = (end) => `
  start({ threshold: 20, destination: 1, stack: false });
  process.on('exit', () => block(50));
  setTimeout(() => { block(400); ${end}; }, 10);
`;

/** Text for programs: each call of the stack of \`wait(depth)\` has a name of a million characters, which takes long to read. */
const WAITS = `
  require('context/watchdog').start({ threshold: 10, every: 10, destination: require('node:os').devNull });
  const source = '(function wait(depth) {'
    + 'if (depth > 0) return wait(depth - 1);'
    + 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);'
    + '})';
  const vm = require('node:vm');
  globalThis.wait = vm.runInThisContext(source, { filename: 'file:///' + 'x'.repeat(1e6) });
`;

describe('a thread that ends while it is watched', () => {
  // How it is terminated at any moment is in robustness/threads.long.test.js.
  for (const [title, program, code, signal, stdout] of [
    ['process.exit in a block', endInBlock('process.exit(3)'), 3, null, /^\{"event":"context.blocked"/],
    ['process.exit in a listener', endInListener('process.exit(3)'), 3, null, /^$/],
    [
      'process.exit in a listener of a worker',
      `new Worker(${JSON.stringify(endInListener('process.exit(4)'))}, { eval: true })
        .on('error', (error) => console.log(error)).on('exit', (code) => { console.log(code); });`,
      0,
      null,
      /^4\n$/,
    ],
    ['process.abort in a block', endInBlock('process.abort()'), null, 'SIGABRT', /^\{"event":"context.blocked"/],
    ['process.abort in a listener', endInListener('process.abort()'), null, 'SIGABRT', /^$/],
  ]) {
    it(`may end the process: ${title}`, async () => {
      if (signal !== null && process.platform === 'win32') return; // no such signal
      const ended = await run(program);
      assert.deepStrictEqual([ended.code, ended.signal], [code, signal], ended.stderr);
      assert.match(ended.stdout, stdout);
      if (signal === null) assert.strictEqual(ended.stderr, '');
    });
  }

  it('may run out of memory, and the process ends as it does without', async () => {
    const fill = 'const all = []; setTimeout(() => { for (let i = 0; ; i++) all.push({ i }); }, 10);';
    const endOf = async (before) => {
      const { code, signal, stderr } = await programs.run(before + fill, { args: ['--max-old-space-size=20'] });
      return { code, signal, says: /FATAL ERROR: .*heap out of memory/.test(stderr) };
    };
    const usual = await endOf('');
    assert.strictEqual(usual.says, true);
    for (const threshold of [10, 20, 60_000]) {
      const options = `{ threshold: ${threshold}, every: 10, destination: require('node:os').devNull }`;
      assert.deepStrictEqual(await endOf(`require('context/watchdog').start(${options});`), usual);
    }
  });

  itRuns({
    'may run out of memory, in a worker': `
      const text = \`
        require('context/watchdog').start({ threshold: 10, every: 10, destination: require('node:os').devNull });
        // In one turn, and nothing large: if it is a task of the collector that finds no memory, V8 ends the whole process.
        setImmediate(() => {
          for (let list; ; ) list = { list };
        });
      \`;
      const codes = [];
      const make = () => new Worker(text, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 40 } });
      for (let i = 0; i < 3; i++) make().on('error', ({ code }) => codes.push(code));
      process.on('exit', () => {
        assert.deepStrictEqual(codes, Array.from({ length: 3 }, () => 'ERR_WORKER_OUT_OF_MEMORY'));
        console.log('done');
      });
    `,
    'may be a worker that is terminated while its stack is read, as it waits': `
      const { once } = require('node:events');
      const text = ${JSON.stringify(`${WAITS} setImmediate(() => {
        require('node:worker_threads').parentPort.postMessage('waits');
        wait(49);
      });`)};
      (async () => {
        for (let i = 0; i < 20; i++) {
          const worker = new Worker(text, { eval: true });
          await once(worker, 'message');
          await new Promise((resolve) => setTimeout(resolve, 10 + i * 2));
          await worker.terminate();
        }
        console.log('done');
      })();
    `,
    'may be in a script of node:vm that is terminated while its stack is read, as it waits and as it works': `
      ${WAITS}
      const interrupt = (code, timeout) =>
        assert.throws(() => vm.runInThisContext(code, { timeout }), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
      setImmediate(function turn(left) {
        interrupt('for (;;);', 8 + (left % 8));
        if (left % 8 === 0) interrupt('wait(49)', 10 + left / 4);
        if (left > 0) return setTimeout(turn, 1, left - 1);
        console.log('done');
        process.exit();
      }, 150);
    `,
    'may be one of 100 workers that are all blocked, and terminated at once': `
      const { once } = require('node:events');
      const endless = \`
        require('context/watchdog').start({ threshold: 10, every: 10, destination: require('node:os').devNull });
        require('node:worker_threads').parentPort.postMessage('ready');
        setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
      \`;
      (async () => {
        const workers = [];
        for (let i = 0; i < 100; i++) {
          workers.push(new Worker(endless, { eval: true }));
          await once(workers.at(-1), 'message');
        }
        await Promise.all(workers.map((worker) => worker.terminate()));
        console.log('done');
      })();
    `,
  });
});
