'use strict';

/**
 * Which code of the users of pools, queues and other clients sees the id of its own request, 100 requests at a time, with this package and with
 * AsyncLocalStorage, and with this package once the code is repaired as docs/clients.md says. Runs that page's programs too. A whole run,
 * on every supported Node.js, writes the tables of the page; `--only pg,ws` runs some cases. It is a fault if AsyncLocalStorage keeps what this
 * package loses, if the two differ, or if an API is not right for 100 of 100 requests after its repair, or without one if it has none.
 */

require('./prepare');

const { fork } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { snippetsOf } = require('../test/support/snippets');
const cases = require('./clients/cases');
const { repairsOf, summaryOf, tableOf, telemetryOf } = require('./clients/document');
const { faultOf } = require('./clients/requests');
const { HOST, Servers } = require('./clients/servers');
const { writeParts } = require('./support/table');
const { fetchListed, fetchNode } = require('./support/fetch');
const { list, readOptions } = require('./support/options');
const { MAJORS, nodeOption } = require('./support/releases');
const { root, run } = require('./support/run');

const page = path.join('docs', 'clients.md');

/** The programs of the docs. They come last. */
const EXAMPLES = 'examples';
const NAMES = [...Object.keys(cases), EXAMPLES];

/** What ends with this process. */
const children = new Set();

/** Measures a case in a process of its own. */
function measure(execPath, job) {
  const env = { ...process.env, NODE_NO_WARNINGS: '1' };
  const child = fork(path.join(__dirname, 'clients', 'child.js'), [JSON.stringify(job)], { cwd: root, env, execPath });
  children.add(child);
  return new Promise((resolve, reject) => {
    child.on('message', (result) => (result.error ? reject(new Error(result.error)) : resolve(result)));
    child.on('exit', (code, signal) => {
      children.delete(child);
      reject(new Error(`${job.name} has ended without a result: ${signal ?? code}`));
    });
  });
}

/** Measures a client as it is, and with OpenTelemetry's instrumentation if it has one that repairs. */
async function measureAll(node, job) {
  const { version, results } = await measure(node, job);
  if (!cases[job.name].rows.some(({ instrumented }) => instrumented)) return { version, results };
  const instrumented = await measure(node, { ...job, withTelemetry: true });
  const both = results.flatMap((result) => {
    const others = instrumented.results.filter(({ api }) => api === result.api);
    return [result, ...others.map((other) => ({ ...other, plain: result.plain }))];
  });
  return { version, results: both };
}

/**
 * Runs the programs of the page, but not what this command has put there, from files beside the clients. Returns what is wrong with those
 * that do not print what is printed there.
 */
async function runExamples(node, { folder, ports }) {
  const link = path.join(folder, 'node_modules', 'context');
  if (!fs.existsSync(link)) fs.symlinkSync(root, link, 'junction');
  const lines = fs.readFileSync(path.join(root, page), 'utf8').split('\n');
  const isGenerated = ({ line }) => {
    const marks = lines.slice(0, line).filter((text) => /^<!-- \w+:(start|end) -->$/.test(text));
    return marks.at(-1)?.endsWith(':start -->');
  };
  const env = { ...process.env, PGHOST: HOST, PGPORT: ports.postgres, PGUSER: 'postgres', PGDATABASE: 'postgres' };
  const faults = [];
  for (const { line, program, output: expected } of snippetsOf(page).filter((snippet) => !isGenerated(snippet))) {
    const file = path.join(folder, `example-${line}.js`);
    fs.writeFileSync(file, program);
    const { code, stdout, output } = await run(node, [file], { env, timeout: 30_000 });
    if (code !== 0) faults.push(`${page}, line ${line} fails:\n${output}`);
    else if (expected !== undefined && stdout !== expected)
      faults.push(`${page}, line ${line} prints something else:\n${stdout}`);
  }
  return faults;
}

/** Runs a case on a release: puts its result beside those of other releases, and returns what is wrong with it. */
async function tryCase({ major, node }, job, runs) {
  if (job.name === EXAMPLES) return runExamples(node, job);
  if (Number(major) < (cases[job.name].since ?? 0)) return [];
  try {
    const measured = await measureAll(node, job);
    runs.push(measured);
    const faults = measured.results.map((result) => [result.api, faultOf(result)]).filter(([, fault]) => fault);
    return faults.map(([api, fault]) => `${job.name}, ${api}: ${fault}`);
  } catch (error) {
    return [`${job.name}: ${error.message}`];
  }
}

async function main({ node: majors, only }) {
  const folder = await fetchListed('clients', path.join(__dirname, 'clients'));
  const servers = new Servers();
  const stop = async () => {
    for (const child of children) child.kill('SIGKILL');
    await servers.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => stop().finally(() => process.exit(1)));

  const measured = Object.fromEntries(only.filter((name) => name !== EXAMPLES).map((name) => [name, []]));
  const faults = [];
  const versions = [];
  try {
    const needed = only.flatMap((name) => (name === EXAMPLES ? ['postgres'] : (cases[name].servers ?? [])));
    await servers.start([...new Set(needed)]);
    for (const major of majors) {
      const node = await fetchNode(major);
      const { stdout } = await run(node, ['-p', 'process.versions.node']);
      versions.push(stdout.trim());
      console.log(`Node.js ${versions.at(-1)}: ${only.join(', ')}`);
      for (const name of only) {
        const found = await tryCase({ major, node }, { name, folder, ports: servers.ports }, measured[name]);
        faults.push(...found.map((fault) => `Node.js ${major}, ${fault}`));
      }
    }
  } finally {
    await stop();
  }

  const tried = Object.fromEntries(Object.entries(measured).filter(([, runs]) => runs.length > 0));
  console.log(tableOf(tried));
  const isWhole = majors.length === MAJORS.length && only.length === NAMES.length;
  if (isWhole && faults.length === 0) {
    const clients = `Measured on Node.js ${versions.join(', ')}.\n\n${tableOf(tried)}`;
    writeParts('clients.md', { summary: summaryOf(tried), clients, repairs: repairsOf(), telemetry: telemetryOf() });
  }
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}

main(readOptions({ node: nodeOption(), only: list(NAMES) })).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
