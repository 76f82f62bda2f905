'use strict';

const { once } = require('node:events');
const { Worker } = require('node:worker_threads');

const AT_A_TIME = 4;

async function terminateOne(file) {
  const worker = new Worker(file);
  await once(worker, 'message');
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 30));
  await worker.terminate();
}

/**
 * Terminates workers at any moment within 30 ms after they have sent a message.
 *
 * @param {string} file what they run
 * @param {number} times how many
 */
async function terminateWorkers(file, times) {
  for (let left = times; left > 0; left -= AT_A_TIME) {
    await Promise.all(Array.from({ length: Math.min(AT_A_TIME, left) }, () => terminateOne(file)));
  }
}

module.exports = { terminateWorkers };
