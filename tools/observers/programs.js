'use strict';

/** Programs for tools/test-observers.js, which print a line or JSON: `programs.js NAME ARGUMENT…`. They need --expose-gc. */

const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { setImmediate: nextTurn, setTimeout: delay } = require('node:timers/promises');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');

const { createNamespace, engine } = require('context');
const { continuous, start: startProfiler } = require('context/profiler');
const { start: startUsage } = require('context/usage');
const { start: startWatchdog } = require('context/watchdog');

const { compare, workInAll } = require('../../test/observing/profiler/work');
const { workInKinds } = require('../../test/observing/usage/kinds');
const { median } = require('../support/statistics');

const CLIENTS = 20;
const TURNS = 300;
const AT_A_TIME = 20;

/** How many profiles to ignore first, until code is compiled and caches are full. */
const WARM = 5;

/** Measures four concurrent kinds of work. Returns how much each differs from its own measurement, and the rows from the wall time. */
async function usage(pieces) {
  const namespace = createNamespace('accuracy');
  const counting = startUsage({ namespaces: [namespace], keys: ['kind'] });
  const clock = await workInKinds(namespace, { pieces, atATime: 200, steps: 4 });
  counting.stop();
  const rows = counting.by('kind');
  const timeOf = (name) => rows.find(({ row }) => row === name).loopTime;
  const kinds = Object.fromEntries(Object.entries(clock).map(([kind, time]) => [kind, timeOf(kind) / time - 1]));
  const sum = rows.reduce((total, { loopTime }) => total + loopTime, 0) / counting.wallTime - 1;
  return { engine, kinds, sum };
}

/** Starts and stops a watchdog repeatedly, and enters contexts. */
async function starts(times) {
  const namespace = createNamespace('starts').expose('id');
  for (let i = 0; i < times; i++) {
    const watchdog = startWatchdog({ threshold: 10, destination: '/dev/null' });
    namespace.run(() => namespace.set('id', i));
    if (i % 100 === 0) await nextTurn();
    watchdog.stop();
  }
  return `${times} starts and stops`;
}

async function handle(request, response) {
  await delay(Math.random() * 5);
  const text = JSON.stringify(Array.from({ length: 2000 }, (_, n) => n));
  await fs.promises.stat(__filename);
  response.end(text);
}

function get(port, agent) {
  return new Promise((resolve, reject) => {
    http.get({ host: '127.0.0.1', port, agent }, (response) => response.resume().on('end', resolve)).on('error', reject);
  });
}

/** The CPU time of the watchdog's thread, in milliseconds; NaN if unavailable. */
function timeOfThread() {
  const tasks = process.platform === 'linux' ? fs.readdirSync('/proc/self/task') : [];
  const task = tasks.find((each) => fs.readFileSync(`/proc/self/task/${each}/comm`, 'utf8') === 'context-watch\n');
  return task ? Number(fs.readFileSync(`/proc/self/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e6 : NaN;
}

/**
 * Serves short requests for some minutes, then idles for a tenth of that. Throws if the watchdog prints anything.
 * Reports the share of a core that the watchdog's thread uses in an idle process.
 */
async function load(minutes) {
  const namespace = createNamespace('load').expose('id');
  const file = path.join(os.tmpdir(), `context-watchdog-load-${process.pid}`);
  const listener = (request, response) =>
    namespace.run(() => {
      namespace.set('id', request.url);
      return handle(request, response);
    });
  const server = http.createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new http.Agent({ keepAlive: true });
  const watchdog = startWatchdog({ destination: file });
  const end = Date.now() + minutes * 60_000;
  let count = 0;
  const client = async () => {
    for (; Date.now() < end; count++) await get(server.address().port, agent);
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  agent.destroy();
  server.close();
  const before = timeOfThread();
  const idle = minutes * 6000;
  await delay(idle);
  const share = ((100 * (timeOfThread() - before)) / idle).toFixed(3);
  watchdog.stop();
  const lines = fs.readFileSync(file, 'utf8');
  fs.rmSync(file);
  if (lines !== '') throw new Error(`false alarms: ${lines}`);
  return `${count} requests in ${minutes} minutes, no false alarm, idle ${share} % of a core`;
}

/** Profiles code with known owners until there are enough samples, in the main thread or a worker, and checks their labels. */
async function accuracy(wanted, thread) {
  if (thread === 'worker') {
    const [result] = await once(new Worker(__filename, { workerData: wanted }), 'message');
    return result;
  }
  const sum = { known: 0, unlabelled: 0, wrong: [], kinds: {} };
  while (sum.known < wanted) {
    const profiling = await startProfiler({ keys: ['id', 'kind'], interval: 0.2 });
    const made = await workInAll({ duration: 2000, concurrency: 200 });
    const profile = await profiling.stop();
    const { known, unlabelled, wrong, kinds } = compare(profile.toCpuProfile({ labelsAtRoot: true }), made);
    sum.known += known;
    sum.unlabelled += unlabelled;
    sum.wrong.push(...wrong);
    for (const [kind, count] of Object.entries(kinds)) sum.kinds[kind] = (sum.kinds[kind] ?? 0) + count;
  }
  return sum;
}

function used() {
  global.gc();
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  return (heapUsed + arrayBuffers + external) / 1e6;
}

/** Makes many profiles of a server with many contexts, and measures how memory grows. */
async function memory(profiles) {
  const namespace = createNamespace('memory');
  const serve = (id) =>
    namespace.run(async () => {
      namespace.set('id', id % 50);
      namespace.set('body', Buffer.alloc(1000));
      await null;
      await new Promise(setImmediate);
      for (let n = 0; n < 20_000; n++) Math.sqrt(n);
    });
  let samples = 0;
  const sizes = [];
  const profiling = continuous({ keys: ['id'], interval: 1 }, (profile) => (samples += profile.sampleCount));
  for (let round = 0; round < profiles + WARM; round++) {
    for (let turn = 0; turn < TURNS; turn++) {
      await Promise.all(Array.from({ length: AT_A_TIME }, (_, n) => serve(turn * AT_A_TIME + n)));
    }
    profiling.flush();
    await new Promise(setImmediate);
    sizes.push(used());
  }
  profiling.stop();
  // Medians, because some megabytes of recent buffers are sometimes already freed.
  const measured = sizes.slice(WARM);
  const third = Math.ceil(measured.length / 3);
  const [first, last] = [median(measured.slice(0, third)), median(measured.slice(-third))];
  return { samples, first, last };
}

/** Profiles examples/noisy-neighbour.js, and writes a file for pprof. */
async function tenants(file) {
  const profiling = await startProfiler({ keys: ['tenant'], interval: 0.5 });
  require('../../examples/noisy-neighbour');
  // The example ends by itself.
  await once(process, 'beforeExit');
  const profile = await profiling.stop();
  fs.writeFileSync(file, profile.toPprof());
  return profile.by('tenant');
}

const programs = { usage, starts, load, accuracy, memory, tenants };

async function main([name, first, ...rest]) {
  const result = await programs[name](name === 'tenants' ? first : Number(first), ...rest);
  console.log(typeof result === 'string' ? result : JSON.stringify(result));
}

if (isMainThread) main(process.argv.slice(2));
else accuracy(workerData).then((sum) => parentPort.postMessage(sum));
