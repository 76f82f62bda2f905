'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const { spawn } = require('node:child_process');
const { setTimeout: delay } = require('node:timers/promises');

const { root, runNode } = require('../../support/child');

/**
 * Runs a program that prints `ready`, and `done` when it gets input. `end` has it end, and asserts that it has printed
 * nothing else: no report.
 */
async function startProgram(program) {
  const child = spawn(process.execPath, ['-e', program], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part) => (text += part));
  await once(child.stdout, 'data');
  const end = async () => {
    child.stdin.end('end');
    const [code] = await once(child, 'close');
    assert.deepStrictEqual({ code, text }, { code: 0, text: 'ready\ndone\n' });
  };
  return { child, end };
}

describe('what is not a block', () => {
  if (process.platform === 'win32') return; // no such signals

  for (const [title, threshold, stop] of [
    ['a process that is stopped and goes on, while it waits and while it works', 600, 900],
    ['one that is stopped for moments', 100, 150],
  ]) {
    it(title, async () => {
      if (process.platform !== 'linux') return; // what a thread waits for is not to be seen elsewhere
      const program = `
        const watchdog = require('context/watchdog').start({ threshold: ${threshold}, destination: 1 });
        const timer = setInterval(() => { for (let i = 0; i < 3e5; i++) Math.sqrt(i); }, 1);
        console.log('ready');
        process.stdin.on('data', () => { watchdog.stop(); clearInterval(timer); console.log('done'); }).on('end', () => {});
      `;
      const { child, end } = await startProgram(program);
      for (let i = 0; i < 3600 / stop; i++) {
        child.kill('SIGSTOP');
        await delay(stop);
        child.kill('SIGCONT');
        await delay(40 + Math.random() * 60);
      }
      await end();
    });
  }

  it('a loop that waits while V8 takes samples of it, whose signals interrupt the wait', async () => {
    const program = `
      const { Session } = require('node:inspector');
      const { start } = require('context/watchdog');
      const session = new Session();
      session.connect();
      session.post('Profiler.enable');
      session.post('Profiler.setSamplingInterval', { interval: 20_000 });
      session.post('Profiler.start');
      setImmediate(() => {
        const watchdog = start({ threshold: 250, destination: 1 });
        process.stdin.on('data', () => { watchdog.stop(); session.disconnect(); console.log('done'); }).on('end', () => {});
        console.log('ready');
      });
    `;
    const { end } = await startProgram(program);
    await delay(1500);
    await end();
  });

  it('a loop that waits until a signal comes, whose listener works', async () => {
    const program = `
      const watchdog = require('context/watchdog').start({ threshold: 600, destination: 1 });
      process.on('SIGUSR2', () => { for (const end = performance.now() + 200; performance.now() < end;); });
      process.stdin.on('data', () => { watchdog.stop(); console.log('done'); }).on('end', () => {});
      console.log('ready');
    `;
    const { child, end } = await startProgram(program);
    for (let i = 0; i < 3; i++) {
      await delay(900);
      child.kill('SIGUSR2');
    }
    await delay(300);
    await end();
  });

  it('a debugger that pauses the main thread', async () => {
    if (process.platform !== 'linux') return; // what a thread waits for is not to be seen elsewhere
    const program = `
      const watchdog = require('context/watchdog').start({ threshold: 1000, destination: 1 });
      const inspector = require('node:inspector');
      const { Worker } = require('node:worker_threads');
      inspector.open(0, '127.0.0.1');
      const url = inspector.url();
      const debug = \`
        const { workerData, parentPort } = require('node:worker_threads');
        const { WebSocket } = require('ws');
        const socket = new WebSocket(workerData);
        const send = (id, method) => socket.send(JSON.stringify({ id, method }));
        socket.onopen = () => { send(1, 'Debugger.enable'); };
        socket.onmessage = ({ data }) => {
          const message = JSON.parse(data);
          if (message.id === 1) parentPort.postMessage('ready');
          if (message.method === 'Debugger.paused') setTimeout(() => { send(2, 'Debugger.resume'); setTimeout(() => socket.close(), 50); }, 2500);
        };
      \`;
      const worker = new Worker(debug, { eval: true, workerData: url });
      worker.on('message', () => setTimeout(() => {
        const began = Date.now();
        debugger;
        const took = Date.now() - began;
        setTimeout(() => { watchdog.stop(); console.log(took >= 2490); process.exit(); }, 20);
      }, 250));
    `;
    const { code, stdout, stderr } = await runNode(program);
    assert.strictEqual(code, 0, stderr);
    assert.strictEqual(stdout, 'true\n');
  });

  it('a debugger that pauses a worker, or the main thread from a worker; what waits while one may is a block', async () => {
    if (process.platform !== 'linux') return; // what a thread waits for is not to be seen elsewhere
    const watched = `
      const { parentPort, isMainThread } = require('node:worker_threads');
      const watchdog = require('context/watchdog').start({ threshold: 300, destination: '/dev/null', stack: false });
      watchdog.on('blocked', ({ duration }) => console.log(duration > 900 ? 'blocked' : 'blocked for ' + duration));
      const timeOf = (call) => { const began = Date.now(); call(); return Date.now() - began; };
      function debugAndWait(whenDone) {
        const paused = timeOf(() => { debugger; });
        setTimeout(() => {
          console.log(paused > 1190 ? 'paused' : paused);
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
          setTimeout(whenDone, 50);
        }, 50);
      }
    `;
    const ofWorker = await runNode(`
      const { Session } = require('node:inspector');
      const { Worker } = require('node:worker_threads');
      const text = ${JSON.stringify(`${watched} parentPort.once('message', () => debugAndWait(() => process.exit()));`)};
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
    `);
    assert.deepStrictEqual(ofWorker, { code: 0, stdout: 'paused\nblocked\n', stderr: '' });
    const ofMain = await runNode(`
      ${watched}
      const { Worker } = require('node:worker_threads');
      const worker = new Worker(\`
        const { Session } = require('node:inspector');
        const session = new Session();
        session.connectToMainThread();
        session.post('Debugger.enable', () => require('node:worker_threads').parentPort.postMessage('debug'));
        session.on('Debugger.paused', () => setTimeout(() => session.post('Debugger.resume'), 1200));
        setInterval(() => {}, 1000);
      \`, { eval: true });
      worker.once('message', () => debugAndWait(() => process.exit()));
    `);
    assert.deepStrictEqual([ofMain.code, ofMain.stdout], [0, 'paused\nblocked\n'], ofMain.stderr);
  });
});
