'use strict';

const childProcess = require('node:child_process');
const { once } = require('node:events');
const { promisify } = require('node:util');
const { Worker } = require('node:worker_threads');

const node = process.execPath;
const ECHO = 'process.stdin.pipe(process.stdout)';
const ECHO_MESSAGES = "process.on('message', (message) => { process.send(message); process.disconnect(); })";
const WORKER = `
  const { parentPort } = require('node:worker_threads');
  parentPort.once('message', (message) => { console.log('text'); parentPort.postMessage(message); });
`;

/** Answers a message on the port that comes with it, and on its own. */
const SHARED_WORKER = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', ({ port, owner }) => {
    port.postMessage('text');
    parentPort.postMessage(owner);
  });
`;

module.exports = [
  {
    name: 'child_process.spawn',
    start: (step) =>
      new Promise((resolve) => {
        const child = childProcess.spawn(node, ['-e', ECHO], { stdio: ['pipe', 'pipe', 'inherit'] });
        child
          .on('spawn', () => step('spawn'))
          .on('exit', () => step('exit'))
          .on('close', () => resolve(step('close')));
        child.stdout.on('data', () => step('data')).on('end', () => step('end'));
        child.stdin.write('text', () => step('written'));
        child.stdin.end();
      }),
  },
  {
    name: 'child_process.spawn of what does not exist',
    start: (step) =>
      new Promise((resolve) => {
        childProcess.spawn('./does-not-exist').on('error', () => resolve(step('error')));
      }),
  },
  {
    name: 'child_process.exec and execFile',
    async start(step) {
      await new Promise((resolve) => childProcess.exec('exit 0', () => resolve(step('exec'))));
      await new Promise((resolve) => childProcess.execFile(node, ['-e', ''], () => resolve(step('execFile'))));
      await promisify(childProcess.execFile)(node, ['-e', '']);
      step('awaited');
    },
  },
  {
    name: 'child_process: messages',
    async start(step) {
      const stdio = ['ignore', 'inherit', 'inherit', 'ipc'];
      const child = childProcess.spawn(node, ['-e', ECHO_MESSAGES], { stdio });
      child.on('message', () => step('message'));
      await Promise.all([
        new Promise((resolve) => child.on('disconnect', () => resolve(step('disconnect')))),
        new Promise((resolve) => child.on('close', () => resolve(step('close')))),
        new Promise((resolve) => child.send('text', () => resolve(step('sent')))),
      ]);
      step('awaited');
    },
  },
  {
    name: 'worker_threads: Worker',
    async start(step) {
      const worker = new Worker(WORKER, { eval: true, stdout: true });
      worker.on('online', () => step('online')).on('message', () => step('message'));
      const printed = new Promise((resolve) => worker.stdout.on('data', () => resolve(step('stdout'))));
      worker.postMessage('text');
      await Promise.all([printed, once(worker, 'exit')]);
      step('exit');
    },
  },
  {
    name: 'worker_threads: a worker that fails',
    start: (step) =>
      new Promise((resolve) => {
        const worker = new Worker("throw new Error('to be handled')", { eval: true });
        worker.on('error', () => step('error')).on('exit', () => resolve(step('exit')));
      }),
  },
  {
    name: 'worker_threads: terminate',
    async start(step) {
      const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
      await once(worker, 'online');
      step('online');
      await worker.terminate();
      step('terminated');
    },
  },
  {
    name: 'worker_threads: a worker that the contexts share',
    loses: { message: 'messages come from the worker, which was made outside of all contexts' },
    prepare(after) {
      const worker = new Worker(SHARED_WORKER, { eval: true });
      worker.setMaxListeners(0);
      after(() => worker.terminate());
      return worker;
    },
    async start(step, { shared, owner }) {
      const { port1, port2 } = new MessageChannel();
      const answered = new Promise((resolve) => {
        shared.on('message', (answer) => {
          if (answer === owner) resolve(step('message'));
        });
      });
      const own = new Promise((resolve) => {
        port1.on('message', () => {
          step('message on a port of its own');
          port1.close(resolve);
        });
      });
      shared.postMessage({ port: port2, owner }, [port2]);
      await Promise.all([answered, own]);
      step('awaited');
    },
  },
];
