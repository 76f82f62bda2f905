'use strict';

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const http = require('node:http');
const path = require('node:path');
const { createInterface } = require('node:readline');
const { pathToFileURL } = require('node:url');

const { root } = require('../../support/child');
const { textOf } = require('./client');

const AGENT = path.join(root, 'examples', 'agent', 'agent.mjs');
const THRESHOLD = 40;

/** A process of an application with the agent of docs/agents.md, whose lines can be waited for. */
class Process {
  #child;
  #lines = new Map();
  #waiting = new Map();

  async start(framework) {
    const args = ['--import', pathToFileURL(AGENT).href, path.join(__dirname, 'shop.js'), framework];
    const env = { ...process.env, AGENT_THRESHOLD: String(THRESHOLD) };
    this.#child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    createInterface(this.#child.stderr).on('line', (text) => this.#onLine(text));
    const [line] = await once(createInterface(this.#child.stdout), 'line');
    this.port = Number(line);
  }

  #onLine(text) {
    // The watchdog's lines have an event.
    const line = text.startsWith('{') ? JSON.parse(text) : assert.fail(text);
    if (line.event !== undefined) return;
    assert.ok(!this.#lines.has(line.id), `a second line of ${line.id}`);
    this.#lines.set(line.id, line);
    this.#waiting.get(line.id)?.(line);
  }

  lineOf(id) {
    return this.#lines.get(id) ?? new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  get count() {
    return this.#lines.size;
  }

  async stop() {
    this.#child.kill();
    await once(this.#child, 'close');
  }
}

/** The kinds of requests, by turns: paths and what is expected of the line. */
const kinds = [
  { path: '/users/7?work=1&wait=3', route: '/users/:id', status: 200, outcome: 'ok' },
  { path: '/users/8?work=4&wait=0', route: '/users/:id', status: 200, outcome: 'ok' },
  { path: '/users/9?fails', route: '/users/:id', status: 500, outcome: 'ok' },
  { path: '/users/7?work=2&wait=1', route: '/users/:id', status: 200, outcome: 'ok' },
  { path: '/hangs/1', route: '/hangs/:id', status: 200, outcome: 'AbortError' },
];
const blocking = { path: `/users/6?work=${4 * THRESHOLD}&wait=1`, route: '/users/:id', status: 200, outcome: 'ok' };

/** Asks once. Returns what the server has measured; nothing of a request that the client aborts. */
async function ask(port, id, { path: target, outcome }, agent) {
  const request = http.get({ host: '127.0.0.1', port, path: target, agent, headers: { 'x-request-id': id } });
  const [response] = await once(request, 'response');
  if (outcome === 'ok') {
    const text = await textOf(response);
    return response.statusCode === 200 ? JSON.parse(text) : {};
  }
  response.on('error', () => {});
  request.destroy();
  return {};
}

/** Asserts that the figures of a line are right: the clock of the client saw it all, that of the server a part. */
function assertLine({ framework, kind, line, client, isAlone, worked = 0, lasted = 0 }) {
  const told = JSON.stringify({ line, client, worked, lasted });
  const { duration, loopTime, cpuTime, gcTime, blocked, ...rest } = line;
  const used = loopTime + gcTime;
  // Koa tells no route without a middleware.
  const route = framework === 'koa' ? kind.path.split('?', 1)[0] : kind.route;
  assert.deepStrictEqual(rest, { id: line.id, method: 'GET', route, status: kind.status, outcome: kind.outcome });
  assert.ok(duration >= lasted && duration <= client, told);
  assert.ok(used >= 0.9 * worked && used <= duration + 0.01, told);
  assert.ok(cpuTime === null || (cpuTime >= 0 && cpuTime <= loopTime * 1.05 + 1.5), told);
  assert.ok(blocked >= 0 && blocked <= used + 0.01, told);
  // One that is alone blocks only if its turn is long, as on a busy machine.
  if (isAlone && kind !== blocking) assert.ok(blocked === 0 || client >= THRESHOLD, told);
}

/** Sends so many requests, several at a time, and compares each line with the client's clock. */
async function assertTransactions(framework, count, atATime) {
  const server = new Process();
  await server.start(framework);
  const agent = new http.Agent({ keepAlive: true, maxSockets: atATime });
  let next = 0;
  let [worked, blocked] = [0, 0];
  const client = async () => {
    for (let index = next++; index < count; index = next++) {
      const kind = index % 50 === 49 ? blocking : kinds[index % kinds.length];
      const id = `${framework}-${index}`;
      const begin = performance.now();
      const measured = await ask(server.port, id, kind, agent);
      const line = await server.lineOf(id);
      assertLine({ framework, kind, line, client: performance.now() - begin, isAlone: atATime === 1, ...measured });
      if (kind !== blocking) continue;
      // The watchdog does not count what the process waited for a processor.
      worked += line.cpuTime ?? measured.worked;
      blocked += line.blocked;
    }
  };
  try {
    await Promise.all(Array.from({ length: atATime }, client));
    assert.strictEqual(server.count, count);
    assert.ok(blocked >= worked / 2, `${blocked} of ${worked} ms`);
  } finally {
    agent.destroy();
    await server.stop();
  }
}

module.exports = { assertTransactions };
