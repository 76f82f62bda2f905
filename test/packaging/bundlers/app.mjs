// The program that is bundled: two namespaces, 100 pieces of work at a time, an instrumented server, a loop that is watched, counted and
// profiled, and another copy of the package beside the bundle, which COPY names. It prints how many values were right.
import assert from 'node:assert';
import { once } from 'node:events';
import http from 'node:http';
import { devNull } from 'node:os';

import { bind, createNamespace, engine, getNamespace, stats } from 'context';
import { instrument } from 'context/http';
import { start as startProfiling } from 'context/profiler';
import { start as startUsage } from 'context/usage';
import { start } from 'context/watchdog';

import legacy from './legacy.cjs';

const AT_A_TIME = 100;
const hops = [setImmediate, process.nextTick, queueMicrotask, (callback) => setTimeout(callback, 1)];

const namespaces = [createNamespace('one'), createNamespace('two')];
let right = 0;

async function work(value) {
  for (const hop of hops) await new Promise((resolve) => hop(resolve));
  for (const namespace of namespaces) if (namespace.get('value') === value) right++;
}

function startWork(value) {
  return namespaces[0].run(() => {
    namespaces[0].set('value', value);
    return namespaces[1].run(() => {
      namespaces[1].set('value', value);
      return work(value);
    });
  });
}

async function serve() {
  const requests = createNamespace('requests');
  const instrumentation = instrument(requests, { header: 'x-id' });
  const server = http.createServer((request, response) => {
    setTimeout(() => response.end(requests.get('id')), 1);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  const ids = Array.from({ length: AT_A_TIME }, (_, index) => `request-${index}`);
  const answers = await Promise.all(ids.map(async (id) => (await fetch(url, { headers: { 'x-id': id } })).text()));
  right += answers.filter((answer, index) => answer === ids[index]).length;
  instrumentation.disable();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

async function watch() {
  const namespace = createNamespace('watched').expose('id');
  const watchdog = start({ threshold: 100, destination: devNull });
  await new Promise(setImmediate);
  namespace.run(() => {
    namespace.set('id', 'busy');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  });
  // The watchdog keeps no process alive.
  const timer = setTimeout(() => {}, 10_000);
  // A busy machine may block other turns.
  let found;
  while (found === undefined) {
    const [{ namespaces: blocked }] = await once(watchdog, 'blocked');
    found = blocked.find(({ name }) => name === 'watched');
  }
  clearTimeout(timer);
  watchdog.stop();
  assert.deepStrictEqual(found.contexts[0].labels, { id: 'busy' });
}

function count() {
  const namespace = createNamespace('counted');
  const usage = startUsage({ keys: ['id'] });
  namespace.run(() => {
    namespace.set('id', 'busy');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  });
  usage.stop();
  const [{ row, loopTime }] = usage.by('id');
  assert.ok(row === 'busy' && loopTime >= 49, `${row} ${loopTime}`);
}

async function profile() {
  const profiling = await startProfiling({ keys: ['value'], interval: 0.5 });
  namespaces[0].createContext({ value: 'profiled' }).run(() => {
    const end = performance.now() + 300;
    while (performance.now() < end);
  });
  const made = await profiling.stop();
  assert.ok(made.by('value').some(({ value }) => value === 'profiled'));
  assert.ok(made.toCpuProfile({ labelsAtRoot: true }).nodes.length > 1);
}

/** The copy that is loaded second joins what the bundle has. It has an entry point that the bundle lacks. */
function meetCopy() {
  const load = legacy.requireFrom(process.env.COPY);
  const copy = load('context');
  assert.strictEqual(copy.getNamespace('one'), getNamespace('one'));
  assert.strictEqual(copy.createNamespace, createNamespace);
  assert.strictEqual(typeof load('context/opentelemetry').ContextManager, 'function');
}

async function main() {
  assert.strictEqual(legacy.index.bind, bind);
  assert.strictEqual(typeof legacy.cls.createNamespace, 'function');
  assert.strictEqual(typeof legacy.domain.create, 'function');
  await Promise.all(Array.from({ length: AT_A_TIME }, (_, value) => startWork(value)));
  await serve();
  await watch();
  count();
  await profile();
  assert.ok(stats().bytes > 0);
  if (process.env.COPY !== undefined) meetCopy();
  console.log(`${engine}: ${right} of ${3 * AT_A_TIME} right`);
}

main();
