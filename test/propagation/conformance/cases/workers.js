'use strict';

const { once } = require('node:events');
const { Worker } = require('node:worker_threads');

const { awaiting, cases, stepsAt } = require('../case');

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

module.exports = cases({
  async 'worker_threads: Worker'(step) {
    const worker = new Worker(WORKER, { eval: true, stdout: true });
    worker.postMessage('text');
    await Promise.all([stepsAt(worker, step, 'online', 'message', 'exit'), stepsAt(worker.stdout, step, 'data')]);
  },
  'worker_threads: a worker that fails': (step) =>
    stepsAt(new Worker("throw new Error('to be handled')", { eval: true }), step, 'error', 'exit'),
  async 'worker_threads: terminate'(step) {
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
    await once(worker, 'online');
    step('online');
    await worker.terminate();
    step('terminated');
  },
  'worker_threads: a worker that the contexts share': {
    loses: { message: 'messages come from the worker, which was made outside of all contexts' },
    prepare(after) {
      const worker = new Worker(SHARED_WORKER, { eval: true });
      worker.setMaxListeners(0);
      after(() => worker.terminate());
      return worker;
    },
    start: awaiting((step, { shared, owner }) => {
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
      return Promise.all([answered, own]);
    }),
  },
});
