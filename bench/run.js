'use strict';

const { fork } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { text } = require('node:stream/consumers');

const { load } = require('./measures/load');

const CHILD = path.join(__dirname, 'child.js');

/** Six digits are more than can be measured. */
const rounded = (value) => Number(value.toPrecision(6));

/** What is told of what a server was measured to do. */
const servers = {
  __proto__: null,
  http: (loaded) => loaded,
  fastify: ({ requests, cpu }) => ({ fastify: requests, 'fastify-cpu': cpu }),
};

/** Does one job in a process of its own. */
async function measure(node, { subject, count, measure: name }, effort) {
  const child = fork(CHILD, [JSON.stringify({ subject, count, measure: name, effort })], {
    execPath: node,
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const over = Promise.all([once(child, 'exit'), text(child.stderr)]).then(([[code, signal], stderr]) => {
    if (code === 0) return;
    throw new Error(`Measuring ${name} of ${subject} with ${node} ended with ${signal ?? `code ${code}`}:\n${stderr}`);
  });
  const figures =
    name in servers ? load(child, effort).then(servers[name]) : once(child, 'message').then(([message]) => message);
  // A child that fails says nothing, so that its end has to be listened to as well.
  const [result] = await Promise.all([Promise.race([figures, over]), over]);
  return result;
}

/**
 * Measures with one Node.js.
 *
 * @param {string} node path of its binary
 * @param {object[]} jobs see plan.js
 * @param {object} effort see plan.js
 * @param {(job: object) => void} tick called after each job
 * @returns {Promise<{ figure: string, count: number, subject: string, values: number[] }[]>} one value for each round
 * @throws {Error} if a child process fails, with what it wrote to stderr
 */
async function run(node, jobs, effort, tick) {
  const entries = new Map();
  for (const job of jobs) {
    const { subject, count } = job;
    const figures = await measure(node, job, effort);
    for (const [figure, value] of Object.entries(figures)) {
      const key = JSON.stringify([figure, count, subject]);
      if (!entries.has(key)) entries.set(key, { figure, count, subject, values: [] });
      entries.get(key).values.push(rounded(value));
    }
    tick(job);
  }
  return [...entries.values()];
}

module.exports = { run };
