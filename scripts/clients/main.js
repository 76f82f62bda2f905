'use strict';

/**
 * `npm run test:clients`: which code of the users of pools, queues and other clients sees the id of its own request, 100 requests at a
 * time, with this package and with AsyncLocalStorage, and with this package once the code is repaired as docs/clients.md says. Runs
 * that page's programs too. It starts the servers that the clients need, of Debian's packages, and stops them; what is missing is
 * installed.
 *
 * A whole run, on every supported Node.js, writes the table of docs/clients.md. `--node 24` takes one release (or several, with commas
 * between them), `--only pg,ws` some cases. The exit code is 1 if AsyncLocalStorage keeps what this package loses, if the two differ,
 * or if an API is not right for 100 of 100 requests after its repair, or without one if it has none; 2 if the options are wrong.
 */

const { execFile, execFileSync, fork } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');

const { fetchNode } = require('../fetch-node');
const { replacePart } = require('../support/document');
const { readOptions } = require('../support/options');
const { table } = require('../support/table');
const { writeExamples } = require('./examples');
const { install } = require('./packages');
const { HOST, Servers } = require('./servers');

const root = path.join(__dirname, '..', '..');
const page = path.join(root, 'docs', 'clients.md');

const USAGE = 'Usage: npm run test:clients -- [--node <major>,<major>…] [--only <case>,<case>…]';
const REQUESTS = 100;
const MAJORS = ['20', '22', '24', '26'];

/** In the order of the table. The programs of the docs come last. */
const CASES = [
  ...[
    'pg',
    'mysql2',
    'redis',
    'ioredis',
    'knex',
    'sequelize',
    'sequelize-cls',
    'typeorm',
    'better-sqlite3',
    'bullmq',
    'amqplib',
  ],
  ...['undici', 'got', 'axios', 'socket.io', 'ws', 'p-limit', 'p-queue', 'generic-pool', 'dataloader', 'graphql', 'rxjs'],
  ...['bluebird', 'async', 'node-cron'],
];
const EXAMPLES = 'examples';

/** The values of an option, separated by commas. */
function listOf(option, text, known) {
  if (text === undefined) return known;
  const values = text.split(',');
  const unknown = values.find((value) => !known.includes(value));
  if (unknown !== undefined) throw new TypeError(`--${option} must be out of ${known.join(',')}, but there is '${unknown}'`);
  return values;
}

/** What ends with this process. */
const children = new Set();

/** Measures a case in a process of its own. */
function measure(node, name, ports, mode = []) {
  const env = { ...process.env, CLIENTS_PORTS: JSON.stringify(ports), NODE_NO_WARNINGS: '1' };
  const child = fork(path.join(__dirname, 'child.js'), [name, ...mode], { cwd: root, env, execPath: node });
  children.add(child);
  return new Promise((resolve, reject) => {
    child.on('message', (result) => (result.error ? reject(new Error(result.error)) : resolve(result)));
    child.on('exit', (code, signal) => {
      children.delete(child);
      reject(new Error(`${name} has ended without a result: ${signal ?? code}`));
    });
  });
}

/** Both what is measured of a client as it is, and with OpenTelemetry's instrumentation if it has one that repairs. */
async function measureAll(node, name, ports) {
  const { version, results, isInstrumented } = await measure(node, name, ports);
  if (!isInstrumented) return { version, results };
  const instrumented = await measure(node, name, ports, ['opentelemetry']);
  const withTelemetry = instrumented.results.map((result) => ({
    ...result,
    plain: results.find(({ api }) => api === result.api).plain,
  }));
  return {
    version,
    results: results.flatMap((result) => [result, ...withTelemetry.filter(({ plain }) => plain === result.plain)]),
  };
}

/** What is wrong with a result; undefined for nothing. */
function faultOf({ by, plain, repaired }) {
  if (plain.behind > 0) return `AsyncLocalStorage was right and this package was not, ${plain.behind} times`;
  if (plain.unlike > 0) return `AsyncLocalStorage and this package have differed, ${plain.unlike} times`;
  if (by === undefined)
    return plain.ours.right < REQUESTS ? `${plain.ours.right} of ${REQUESTS} right, and there is no repair` : undefined;
  if (repaired.ours.right < REQUESTS) return `${repaired.ours.right} of ${REQUESTS} right after the repair by ${by}`;
  return undefined;
}

/** One number, or from the least to the most if the releases differ. */
function span(numbers) {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return least === most ? String(least) : `${least} to ${most}`;
}

/** How many of 100 requests were right on all releases, and how many saw the id of another one. */
function cell(counts) {
  const right = span(counts.map((count) => count.right));
  const wrong = counts.map((count) => count.wrong);
  return Math.max(...wrong) === 0 ? right : `${right} (${span(wrong)} wrong)`;
}

/** The table of what was measured on several releases. */
function tableOf(measured) {
  const rows = [];
  for (const [name, runs] of Object.entries(measured)) {
    const { client, title = client, since } = require(path.join(__dirname, 'cases', name));
    if (runs.length === 0) continue;
    rows.push([`${title} ${runs[0].version}${since ? ` (Node.js ${since} and later)` : ''}`]);
    for (const [index, { api, by }] of runs[0].results.entries()) {
      const [ours, theirs, repaired] = [
        runs.map(({ results }) => results[index].plain.ours),
        runs.map(({ results }) => results[index].plain.theirs),
        by === undefined ? undefined : runs.map(({ results }) => results[index].repaired.ours),
      ];
      rows.push([api, cell(ours), cell(theirs), by ?? '', repaired ? cell(repaired) : '']);
    }
  }
  return table(['client, API', 'kept by us', 'kept by AsyncLocalStorage', 'repaired by', 'after the repair'], rows);
}

/** The version of what runs as `node`. */
const releaseOf = (node) => execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim();

/** Runs the programs of the docs, and says which do not print what is printed there. */
async function runExamples(node, ports) {
  const env = {
    ...process.env,
    ...{ PGHOST: HOST, PGPORT: ports.postgres, PGUSER: 'postgres', PGDATABASE: 'postgres' },
    ...{ MYSQL_PORT: ports.mariadb, REDIS_PORT: ports.redis, AMQP_URL: `amqp://guest:guest@${HOST}:${ports.rabbitmq}` },
  };
  const faults = [];
  for (const { line, file, output } of writeExamples(page)) {
    try {
      const { stdout } = await promisify(execFile)(node, [file], { env, timeout: 30_000 });
      if (output !== undefined && stdout !== output) faults.push(`line ${line} prints something else:\n${stdout}`);
    } catch (error) {
      faults.push(`line ${line} fails:\n${error.message}`);
    }
  }
  return faults;
}

async function run({ majors, cases }) {
  const isWhole = majors === MAJORS && cases.length === CASES.length + 1;
  install();
  const nodes = [];
  for (const major of majors) nodes.push({ major: Number(major), node: await fetchNode(Number(major)) });

  const servers = new Servers();
  const stop = async () => {
    for (const child of children) child.kill('SIGKILL');
    await servers.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => stop().finally(() => process.exit(1)));

  const measured = {};
  const faults = [];
  try {
    const needed = cases.flatMap((name) => {
      return name === EXAMPLES ? ['postgres', 'redis'] : (require(path.join(__dirname, 'cases', name)).servers ?? []);
    });
    await servers.start([...new Set(needed)]);
    for (const { major, node } of nodes) {
      console.log(`Node.js ${releaseOf(node)}: ${cases.join(', ')}`);
      for (const name of cases) {
        if (name === EXAMPLES) {
          const found = await runExamples(node, servers.ports);
          faults.push(...found.map((fault) => `Node.js ${major}, docs/clients.md, ${fault}`));
          continue;
        }
        const { since = 0 } = require(path.join(__dirname, 'cases', name));
        measured[name] ??= [];
        if (major < since) continue;
        try {
          const result = await measureAll(node, name, servers.ports);
          measured[name].push(result);
          for (const row of result.results) {
            const fault = faultOf(row);
            if (fault) faults.push(`Node.js ${major}, ${name}, ${row.api}: ${fault}`);
          }
        } catch (error) {
          faults.push(`Node.js ${major}, ${name}: ${error.message}`);
        }
      }
    }
  } finally {
    await stop();
  }

  const made = tableOf(measured);
  console.log(made);
  if (isWhole && faults.length === 0) {
    const releases = nodes.map(({ node }) => releaseOf(node)).join(', ');
    const part = `Measured on Node.js ${releases}.\n\n${made}`;
    fs.writeFileSync(page, replacePart(fs.readFileSync(page, 'utf8'), 'clients', part));
  }
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}

const known = [...CASES, EXAMPLES];
run(
  readOptions(USAGE, { node: { type: 'string' }, only: { type: 'string' } }, ({ node, only }) => ({
    majors: listOf('node', node, MAJORS),
    cases: listOf('only', only, known),
  })),
).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
