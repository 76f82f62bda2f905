'use strict';

/**
 * Runs the clients of docs/clients.md under context/finder, on every supported Node.js: at each API that loses contexts it must find the line and
 * the repair of that page, and nothing where nothing is lost, nor after a repair. `--only pg,ws` runs some cases; `--show` prints what was found.
 *
 *   --carriers        each finding must name its carrier
 *   --stores <name>   ids are in the stores of nestjs-cls or OpenTelemetry, and the finder compares these; without repairs
 *
 * Instead of the clients:
 *
 *   --price           measures what a request with six client calls costs
 *   --frameworks      the servers of test/integrations/http: with a plain AsyncLocalStorage something must be found if any step of a request has
 *                     lost the store; with `instrument` and `middleware` nothing
 *   --demo            the demonstration of `npm start`: nothing
 *   --include         pg with the instrumentation of OpenTelemetry: if that is included, a loss of its own
 */

require('./prepare');

const path = require('node:path');

const { frameworks } = require('../test/integrations/http/frameworks');
const cases = require('./clients/cases');
const { STORES } = require('./clients/stores');
const { ask, withServers } = require('./support/clients');
const { fetchNode } = require('./support/fetch');
const { choice, flag, list, readOptions } = require('./support/options');
const { MAJORS, nodeOption } = require('./support/releases');
const { failMain, root, run } = require('./support/run');

const register = path.join(root, 'lib', 'observing', 'finder', 'register.js');

/** What can't be found: the library hands out copies of its jobs. */
const MISSED = new Set(['bullmq, worker, task']);

/** What a repair of docs/clients.md looks like in a finding. */
const REPAIRS = [
  [/^(bind|config)/, /\bbind\(/],
  [/^add$/, /\.add\(|\bbind\(/],
  [/^(snapshot|values)/, /snapshot\(\)/],
];

/** How often each price is measured. */
const ROUNDS = 3;

/** Runs a program in a process of its own, with the finder, unless its options are null. */
async function runChild(execPath, file, job, words = '') {
  const execArgv = words === null ? [] : ['--require', register];
  const options = { env: { CONTEXT_FINDER: words ?? '' }, execPath, execArgv, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] };
  return (await ask(`clients/${file}`, job, options)).results;
}

const isAt = (places) => (found) =>
  places.some(({ file, from, to }) => found.file === file && found.line >= from && found.line <= to);

/** What is wrong with what was found at an API. */
function faultsOf(name, { api, by, found, repaired, places }) {
  const texts = (all) => all.map(({ text }) => `\n${text}`).join('');
  const faults = [];
  if (repaired.length > 0 && by) faults.push(`found something after the repair by ${by}${texts(repaired)}`);
  if (!by && found.length > 0) faults.push(`found something where nothing is lost${texts(found)}`);
  if (by && !MISSED.has(`${name}, ${api}`)) {
    const [, pattern] = REPAIRS.find(([repair]) => repair.test(by));
    const isRight = (each) => isAt(places)(each) && pattern.test(each.repair);
    if (!found.some(isRight)) faults.push(`found nothing, or not its line and repair (${by})${texts(found)}`);
  }
  return faults.map((fault) => `${name}, ${api}: ${fault}`);
}

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

/** Runs the servers of a framework with a subject; see test/integrations/http/subjects.js. Returns whether what was found is right. */
async function tryFramework(node, framework, subject) {
  const words = subject === 'AsyncLocalStorage' ? 'als' : '';
  const file = path.join(root, 'test', 'integrations', 'http', 'measure.js');
  const env = { ...process.env, NODE_NO_WARNINGS: '1', CONTEXT_FINDER: words };
  const { stdout, output } = await run(node, ['--require', register, file, framework, subject], { env });
  const steps = Object.entries(JSON.parse(stdout));
  const lost = steps.filter(([, counts]) => counts.lost + counts.wrong > 0).map(([step]) => step);
  const count = Number(/^context-find: (\d+) places? /m.exec(output)[1]);
  const isRight = subject === 'AsyncLocalStorage' ? count > 0 === lost.length > 0 : count + lost.length === 0;
  console.log(
    `${framework} with ${subject}: ${lost.length} steps lose (${lost.join(', ')}), ${count} places found${isRight ? '' : ': WRONG'}`,
  );
  return isRight;
}

async function tryFrameworks(node) {
  for (const framework of Object.keys(frameworks)) {
    for (const subject of ['instrument', 'middleware', 'AsyncLocalStorage']) {
      if (!(await tryFramework(node, framework, subject))) process.exitCode = 1;
    }
  }
}

/** Runs the demonstration under the command. */
async function tryDemo(node) {
  const { output } = await run(node, [
    path.join(root, 'bin', 'context-find.js'),
    '--fail',
    path.join(root, 'examples', 'demo', 'main.js'),
  ]);
  const [values] = /\d+ values checked, \d+ wrong/.exec(output) ?? [output];
  const [places] = /\d+ places? .*/.exec(output) ?? [output];
  console.log(`the demonstration: ${values}; ${places}`);
  if (!values.endsWith(' 0 wrong') || !places.startsWith('0 ')) process.exitCode = 1;
}

/** Includes the instrumentation of pg, which loses the context of who waits for a connection. */
async function tryIncluded(node, job) {
  const include = '@opentelemetry/instrumentation-pg';
  for (const [words, file] of [
    ['als', 'instrumented.js'],
    [`als,include=${include}`, path.join(include, 'src', 'instrumentation.ts')],
  ]) {
    const [first] = await runChild(node, 'instrumented.js', job, words);
    console.log(`${words}:\n${first?.text ?? 'nothing'}`);
    if (!first?.file.endsWith(file)) process.exitCode = 1;
  }
}

/** Prints the CPU time of a request, and how often that of one without the finder it is. */
async function measurePrices(major, node, job) {
  for (const isLossy of [false, true]) {
    const times = new Map([null, '', 'carriers'].map((words) => [words, []]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const [words, measured] of times) measured.push(await runChild(node, 'pricing.js', { ...job, isLossy }, words));
    }
    const [plain, found, carried] = [...times.values()].map(median);
    const shown = [found, carried].map((time) => `${time.toFixed(0)} µs (${(time / plain).toFixed(2)} times)`);
    console.log(
      `Node.js ${major}, ${isLossy ? 'six losses' : 'no loss'}: ${plain.toFixed(0)} µs, finder ${shown[0]}, with carriers ${shown[1]}`,
    );
  }
}

/** Runs clients with a release: prints what is wrong, and the counts. */
async function tryClients(major, node, { only, show, carriers, stores }, places) {
  const words = [stores && 'als', carriers && 'carriers'].filter(Boolean).join(',');
  const { stdout } = await run(node, ['-p', 'process.versions.node']);
  const counts = { found: 0, losses: 0, false: 0, good: 0, repaired: 0, findings: 0, carried: 0 };
  for (const name of only.filter((each) => Number(major) >= (cases[each].since ?? 0))) {
    const results = await runChild(node, 'finding.js', { name, ...places, stores }, words).catch((error) => {
      console.error(`Node.js ${major}, ${name}: ${error.message}`);
      process.exitCode = 1;
      return [];
    });
    for (const result of results) {
      const faults = faultsOf(name, result);
      for (const fault of faults) console.error(`Node.js ${major}, ${fault}`);
      if (faults.length > 0) process.exitCode = 1;
      counts.findings += result.found.length;
      counts.carried += result.found.filter(({ carrier }) => carrier).length;
      if (show) for (const { text } of result.found) console.log(`${name}, ${result.api}\n${text}`);
      if (result.by) {
        counts.losses++;
        if (result.repaired.length > 0) counts.repaired++;
        if (!faults.some((fault) => fault.includes('or not its line')) && !MISSED.has(`${name}, ${result.api}`)) counts.found++;
      } else {
        counts.good++;
        if (result.found.length > 0) counts.false++;
      }
    }
  }
  if (carriers && counts.carried < counts.findings) process.exitCode = 1;
  const { found, losses, good, repaired } = counts;
  const parts = [`${found} of ${losses} losses found`, `${counts.false} of ${good} good APIs reported`];
  if (!stores) parts.push(`${repaired} of ${losses} repaired ones`);
  if (carriers) parts.push(`${counts.carried} of ${counts.findings} findings name the carrier`);
  console.log(`Node.js ${stdout.trim()}: ${parts.join(', ')}`);
}

async function main(options) {
  const { node: majors, only, price, frameworks: withFrameworks, demo, include } = options;
  const needed = withFrameworks || demo ? [] : price || include ? ['pg', 'redis'] : only;
  const servers = needed.flatMap((name) => cases[name].servers ?? []);
  await withServers(servers, async (places) => {
    for (const major of majors) {
      const node = await fetchNode(major);
      if (withFrameworks) await tryFrameworks(node);
      else if (demo) await tryDemo(node);
      else if (include) await tryIncluded(node, places);
      else if (price) await measurePrices(major, node, places);
      else await tryClients(major, node, options, places);
    }
  });
}

main(
  readOptions({
    node: nodeOption(MAJORS),
    only: list(Object.keys(cases)),
    stores: choice(undefined, STORES),
    ...Object.fromEntries(['show', 'carriers', 'price', 'frameworks', 'demo', 'include'].map((name) => [name, flag()])),
  }),
).catch(failMain);
