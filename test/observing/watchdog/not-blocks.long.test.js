'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const { spawn } = require('node:child_process');
const { setTimeout: delay } = require('node:timers/promises');

const { root } = require('../../support/child');
const { itRuns } = require('./programs');

/** Asserts that a program that works, and is watched, prints no report while a function runs. */
async function assertSilent({ threshold, before = '', work = '', during }) {
  const program = `
    ${before}
    setImmediate(() => {
      const watchdog = require('context/watchdog').start({ threshold: ${threshold}, destination: 1 });
      process.stdin.on('data', () => { watchdog.stop(); console.log('done'); process.exit(); });
      ${work}
      console.log('ready');
    });
  `;
  const child = spawn(process.execPath, ['-e', program], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part) => (text += part));
  await once(child.stdout, 'data');
  await during(child);
  child.stdin.end('end');
  const [code] = await once(child, 'close');
  assert.deepStrictEqual({ code, text }, { code: 0, text: 'ready\ndone\n' });
}

/** Text for programs: prints \`done\` if the time in a debugger was no block, and a wait after it was one. */
const DEBUGGED = `
  const { parentPort, isMainThread } = require('node:worker_threads');
  const seen = [];
  const watchdog = require('context/watchdog').start({ threshold: 300, destination: require('node:os').devNull, stack: false });
  // On a busy machine other turns may be shorter blocks.
  watchdog.on('blocked', ({ duration }) => duration > 600 && seen.push(duration));
  function debugAndWait() {
    const began = Date.now();
    debugger;
    assert.ok(Date.now() - began > 1190);
    setTimeout(() => {
      assert.deepStrictEqual(seen, []);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
      setTimeout(() => {
        assert.ok(seen.length === 1 && seen[0] > 900, seen.join());
        fs.writeSync(1, 'done\\n');
        process.exit();
      }, 50);
    }, 50);
  }
`;

describe('what is not a block', () => {
  it('a loop that waits, and turns that are short, with waits between them and without', () =>
    assertSilent({
      threshold: 1000,
      work: `
        const block = (ms) => { for (const end = performance.now() + ms; performance.now() < end;); };
        setInterval(() => block(10), 20);
        setInterval(() => setImmediate(function next(left) { if (left > 0) setImmediate(next, left - 1); }, 1000), 100);
      `,
      during: () => delay(1500),
    }));

  if (process.platform === 'win32') return; // no such signals

  it('a loop that waits while V8 takes samples of it, whose signals interrupt the wait', () =>
    assertSilent({
      threshold: 250,
      before: `
        const session = new (require('node:inspector').Session)();
        session.connect();
        session.post('Profiler.enable');
        session.post('Profiler.setSamplingInterval', { every: 20_000 });
        session.post('Profiler.start');
      `,
      during: () => delay(1500),
    }));

  it('a loop that waits until a signal comes, whose listener works', () =>
    assertSilent({
      threshold: 600,
      work: "process.on('SIGUSR2', () => { for (const end = performance.now() + 200; performance.now() < end;); });",
      async during(child) {
        for (let i = 0; i < 3; i++) {
          await delay(900);
          child.kill('SIGUSR2');
        }
        await delay(300);
      },
    }));

  if (process.platform !== 'linux') return; // what a thread waits for is not visible elsewhere

  for (const [title, threshold, stop] of [
    ['a process that is stopped and goes on, while it waits and while it works', 600, 900],
    ['one that is stopped for moments', 100, 150],
  ]) {
    it(title, () =>
      assertSilent({
        threshold,
        work: 'setInterval(() => { for (let i = 0; i < 3e5; i++) Math.sqrt(i); }, 1);',
        async during(child) {
          for (let i = 0; i < 3600 / stop; i++) {
            child.kill('SIGSTOP');
            await delay(stop);
            child.kill('SIGCONT');
            await delay(40 + Math.random() * 60);
          }
        },
      }),
    );
  }

  itRuns({
    'a debugger that pauses a worker; what waits while one may is a block': `
      const { Session } = require('node:inspector');
      const text = 'const assert = require("node:assert"); const fs = require("node:fs");' +
        ${JSON.stringify(`${DEBUGGED} parentPort.once('message', debugAndWait);`)};
      const worker = new Worker(text, { eval: true });
      worker.once('online', () => {
        const session = new Session();
        session.connect();
        let sessionId;
        let id = 0;
        const send = (method) => session.post('NodeWorker.sendMessageToWorker', { sessionId, message: JSON.stringify({ id: ++id, method }) });
        session.on('NodeWorker.attachedToWorker', ({ params }) => { ({ sessionId } = params); send('Debugger.enable'); });
        session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
          const { id, method } = JSON.parse(params.message);
          if (id === 1) worker.postMessage('debug');
          if (method === 'Debugger.paused') setTimeout(send, 1200, 'Debugger.resume');
        });
        session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
      });
    `,
    'a debugger that pauses the main thread; what waits while one may is a block': `
      ${DEBUGGED}
      process.removeAllListeners('warning');
      const inspector = require('node:inspector');
      inspector.open(0, '127.0.0.1');
      const debug = \`
        const { workerData, parentPort } = require('node:worker_threads');
        const { WebSocket } = require('ws');
        const socket = new WebSocket(workerData);
        const send = (id, method) => socket.send(JSON.stringify({ id, method }));
        socket.onopen = () => { send(1, 'Debugger.enable'); };
        socket.onmessage = ({ data }) => {
          const message = JSON.parse(data);
          if (message.id === 1) parentPort.postMessage('ready');
          if (message.method !== 'Debugger.paused') return;
          setTimeout(send, 1200, 2, 'Debugger.resume');
          // The process waits for that at its end.
          setTimeout(() => socket.close(), 2600);
        };
      \`;
      const worker = new Worker(debug, { eval: true, workerData: inspector.url() });
      worker.once('message', () => setTimeout(debugAndWait, 250));
    `,
    'a debugger in a worker that pauses the main thread; what waits while one may is a block': `
      ${DEBUGGED}
      const worker = new Worker(\`
        const { Session } = require('node:inspector');
        const session = new Session();
        session.connectToMainThread();
        session.post('Debugger.enable', () => require('node:worker_threads').parentPort.postMessage('debug'));
        session.on('Debugger.paused', () => setTimeout(() => session.post('Debugger.resume'), 1200));
        setInterval(() => {}, 1000);
      \`, { eval: true });
      worker.once('message', debugAndWait);
    `,
  });
});
