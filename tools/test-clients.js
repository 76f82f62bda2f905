'use strict';

/**
 * Measures which code of pools, queues and other clients sees the id of its own request, with 100 concurrent requests: with this
 * package, with AsyncLocalStorage, and with this package after the repair that docs/clients.md recommends. Also runs that page's
 * programs. A whole run, on every supported Node.js, writes the tables of the page; `--only pg,ws` runs some cases. Fails if
 * AsyncLocalStorage keeps what this package loses, if the two differ, or if an API is not right for all 100 requests after its
 * repair, or without one if it needs none.
 */

require('./prepare');

const fs = require('node:fs');
const path = require('node:path');

const { snippetsOf } = require('../test/support/snippets');
const cases = require('./clients/cases');
const { repairsOf, summaryOf, tableOf, telemetryOf } = require('./clients/document');
const { faultOf } = require('./clients/requests');
const { HOST } = require('./clients/servers');
const { ask, withServers } = require('./support/clients');
const { fetchNode } = require('./support/fetch');
const { list, readOptions } = require('./support/options');
const { MAJORS, nodeOption } = require('./support/releases');
const { failMain, root, run } = require('./support/run');
const { writeParts } = require('./support/table');

const page = path.join('docs', 'clients.md');

/** The programs of the page, which run last. */
const EXAMPLES = 'examples';
const NAMES = [...Object.keys(cases), EXAMPLES];

const measure = (node, job) => ask('clients/child.js', job, { execPath: node });

/** Measures a client, and once more with OpenTelemetry's instrumentation if that repairs one of its APIs. */
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

/** Runs the programs of the page, except for its generated parts, from files beside the clients. Returns which ones fail. */
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

/** Runs a case on a release. Adds its result to those of other releases, and returns what is wrong with it. */
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
  const measured = Object.fromEntries(only.filter((name) => name !== EXAMPLES).map((name) => [name, []]));
  const faults = [];
  const versions = [];
  const needed = only.flatMap((name) => (name === EXAMPLES ? ['postgres'] : (cases[name].servers ?? [])));
  await withServers(needed, async (places) => {
    for (const major of majors) {
      const node = await fetchNode(major);
      const { stdout } = await run(node, ['-p', 'process.versions.node']);
      versions.push(stdout.trim());
      console.log(`Node.js ${versions.at(-1)}: ${only.join(', ')}`);
      for (const name of only) {
        const found = await tryCase({ major, node }, { name, ...places }, measured[name]);
        faults.push(...found.map((fault) => `Node.js ${major}, ${fault}`));
      }
    }
  });

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

main(readOptions({ node: nodeOption(), only: list(NAMES) })).catch(failMain);
