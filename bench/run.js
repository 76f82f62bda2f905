'use strict';

/**
 * Runs jobs. Each is one measure of one subject, in a process of its own, because an enabled hook affects everything after it. Its
 * argument is `{ "subject", "count", "measure", "effort" }`; it sends the figures to its parent.
 */

const { fork } = require('node:child_process');
const { once } = require('node:events');

const catalogue = require('./catalogue');
const { subjects } = require('./subjects');

/** The functions that measure each group, loaded on demand because they would count as memory. */
const groups = {
  carrying: (...job) => require('./measures/timed').timed(...job),
  using: (...job) => require('./measures/timed').timed(...job),
  serving: (setUp) => require('./measures/serving').serveHttp(setUp),
  logging: (setUp) => require('./measures/serving').serveFastify(setUp),
  stack: (...job) => require('./measures/memory').memory(...job),
  memory: (...job) => require('./measures/memory').memory(...job),
};

/** Rounds to six digits, more than are significant. */
const rounded = (value) => Number(value.toPrecision(6));

/** Names the figures of a server as in the catalogue. */
const servers = {
  __proto__: null,
  http: (loaded) => loaded,
  fastify: ({ requests, cpu }) => ({ fastify: requests, 'fastify-cpu': cpu }),
};

/** Runs one job in a process of its own. */
async function measure(node, { subject, count, measure: name }, effort) {
  // Loaded on demand because they would count as memory.
  const { text } = require('node:stream/consumers');
  const { load } = require('./measures/load');
  const options = { execPath: node, execArgv: ['--expose-gc'], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] };
  const child = fork(__filename, [JSON.stringify({ subject, count, measure: name, effort })], options);
  const over = Promise.all([once(child, 'exit'), text(child.stderr)]).then(([[code, signal], stderr]) => {
    if (code === 0) return;
    throw new Error(`Measuring ${name} of ${subject} with ${node} ended with ${signal ?? `code ${code}`}:\n${stderr}`);
  });
  const figures =
    name in servers ? load(child, effort).then(servers[name]) : once(child, 'message').then(([message]) => message);
  // A child that fails sends nothing, so its end counts as well.
  const [result] = await Promise.all([Promise.race([figures, over]), over]);
  return result;
}

/**
 * Runs jobs with one Node.js, see main.js, and calls `tick` after each. Resolves to `{ figure, count, subject, values }`, with a value
 * per round. Rejects if a child process fails, with its stderr.
 */
async function run(node, jobs, effort, tick) {
  const entries = new Map();
  for (const job of jobs) {
    const { subject, count } = job;
    for (const [figure, value] of Object.entries(await measure(node, job, effort))) {
      const key = JSON.stringify([figure, count, subject]);
      if (!entries.has(key)) entries.set(key, { figure, count, subject, values: [] });
      entries.get(key).values.push(rounded(value));
    }
    tick(job);
  }
  return [...entries.values()];
}

async function main({ subject, count, measure: measureName, effort }) {
  const { group, ...rest } = catalogue.find(({ name }) => name === measureName);
  process.send(await groups[group](() => subjects[subject].setUp(count), rest, effort));
}

if (require.main === module) main(JSON.parse(process.argv[2]));

module.exports = { run };
