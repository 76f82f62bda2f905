'use strict';

const { Worker } = require('node:worker_threads');

const program = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', ({ task, items }) => {
    parentPort.postMessage({ task, total: items.reduce((sum, { price, count }) => sum + price * count, 0) });
  });
`;

/** A pool of workers that add up orders, as applications hand computations to one. */
class Pool {
  #waiting = new Map();
  #tasks = 0;

  /** @param {number} size how many workers */
  constructor(size) {
    this.workers = Array.from({ length: size }, () => {
      const worker = new Worker(program, { eval: true });
      worker.on('message', ({ task, total }) => {
        this.#waiting.get(task)(total);
        this.#waiting.delete(task);
      });
      return worker;
    });
  }

  /**
   * @param {Array<{ price: number, count: number }>} items
   * @returns {Promise<number>} what they cost
   */
  total(items) {
    const task = this.#tasks++;
    this.workers[task % this.workers.length].postMessage({ task, items });
    return new Promise((resolve) => this.#waiting.set(task, resolve));
  }

  /** Ends the workers. */
  async close() {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}

module.exports = { Pool };
