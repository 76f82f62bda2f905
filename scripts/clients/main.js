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
const { CASES, caseOf } = require('./cases');
const { repairsOf, summaryOf, tableOf, telemetryOf, unshownOf } = require('./document');
const { writeExamples } = require('./examples');
const { faultOf } = require('./faults');
const { install } = require('./packages');
const { HOST, Servers } = require('./servers');

const root = path.join(__dirname, '..', '..');
const page = path.join(root, 'docs', 'clients.md');

const USAGE = 'Usage: npm run test:clients -- [--node <major>,<major>…] [--only <case>,<case>…]';
const MAJORS = ['20', '22', '24', '26'];

/** The programs of the docs. They come last. */
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

/** The version of what runs as `node`. */
const releaseOf = (node) => execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim();

/** Runs the programs of the docs, and says which do not print what is printed there. */
async function runExamples(node, ports) {
  const env = {
    ...process.env,
    ...{ PGHOST: HOST, PGPORT: ports.postgres, PGUSER: 'postgres', PGDATABASE: 'postgres' },
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

/** What a case does on a release: its result is put beside those of other releases, and what is wrong with it is returned. */
async function tryCase({ major, node }, name, ports, runs) {
  if (name === EXAMPLES) return (await runExamples(node, ports)).map((fault) => `docs/clients.md, ${fault}`);
  const { since = 0 } = caseOf(name);
  if (major < since) return [];
  try {
    const measured = await measureAll(node, name, ports);
    runs.push(measured);
    const faults = measured.results.map((result) => [result.api, faultOf(result)]).filter(([, fault]) => fault);
    return [
      ...faults.map(([api, fault]) => `${name}, ${api}: ${fault}`),
      ...unshownOf(name, measured.results).map((fault) => `${name}, ${fault}`),
    ];
  } catch (error) {
    return [`${name}: ${error.message}`];
  }
}

/** Writes what was measured into the docs. */
function writeDocs(measured, nodes) {
  const releases = nodes.map(({ node }) => releaseOf(node)).join(', ');
  const parts = {
    summary: summaryOf(measured),
    clients: `Measured on Node.js ${releases}.\n\n${tableOf(measured)}`,
    repairs: repairsOf(),
    telemetry: telemetryOf(),
  };
  let text = fs.readFileSync(page, 'utf8');
  for (const [name, made] of Object.entries(parts)) text = replacePart(text, name, made);
  fs.writeFileSync(page, text);
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

  const measured = Object.fromEntries(cases.filter((name) => name !== EXAMPLES).map((name) => [name, []]));
  const faults = [];
  try {
    const needed = cases.flatMap((name) => (name === EXAMPLES ? ['postgres'] : (caseOf(name).servers ?? [])));
    await servers.start([...new Set(needed)]);
    for (const each of nodes) {
      console.log(`Node.js ${releaseOf(each.node)}: ${cases.join(', ')}`);
      for (const name of cases) {
        const found = await tryCase(each, name, servers.ports, measured[name]);
        faults.push(...found.map((fault) => `Node.js ${each.major}, ${fault}`));
      }
    }
  } finally {
    await stop();
  }

  const tried = Object.fromEntries(Object.entries(measured).filter(([, runs]) => runs.length > 0));
  console.log(tableOf(tried));
  if (isWhole && faults.length === 0) writeDocs(tried, nodes);
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
