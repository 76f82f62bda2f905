'use strict';

/**
 * Does jobs: each is one measure of one subject, in a process of its own, as an enabled hook changes everything after it. That gets
 * `{ "subject", "count", "measure", "effort" }` as its argument, and sends the figures to its parent.
 */

const { fork } = require('node:child_process');
const { once } = require('node:events');

const catalogue = require('./catalogue');
const { subjects } = require('./subjects');

/** What measures each group. It is loaded when it is needed, for it would count in the figures of memory. */
const groups = {
  carrying: (...job) => require('./measures/timed').timed(...job),
  using: (...job) => require('./measures/timed').timed(...job),
  serving: (setUp) => require('./measures/serving').serveHttp(setUp),
  logging: (setUp) => require('./measures/serving').serveFastify(setUp),
  stack: (...job) => require('./measures/memory').memory(...job),
  memory: (...job) => require('./measures/memory').memory(...job),
};

/** Six digits are more than can be measured. */
const rounded = (value) => Number(value.toPrecision(6));

/** The figures of a server, by the names that the catalogue has for them. */
const servers = {
  __proto__: null,
  http: (loaded) => loaded,
  fastify: ({ requests, cpu }) => ({ fastify: requests, 'fastify-cpu': cpu }),
};

/** Does one job in a process of its own. */
async function measure(node, { subject, count, measure: name }, effort) {
  // Loaded here, for it would count in the figures of memory.
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
 * Does jobs with one Node.js, see main.js, and calls `tick` after each. Resolves to `{ figure, count, subject, values }`, a value for each round.
 * Throws if a child process fails, with what it wrote to stderr.
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
