'use strict';

const assert = require('node:assert');
const { once } = require('node:events');

const { createNamespace } = require('context');
const { instrument } = require('context/http');

const { askOften } = require('./client');
const { frameworks } = require('./frameworks');
const { Probe } = require('./probe');
const { installOf } = require('./subjects');

/** The routes of each framework. Without a body parser of its own, http has none for multipart; nor has the Nest of the tests. */
function routesOf(framework) {
  if (framework === 'http') return ['/', '/deep', '/json', '/iterated', '/stream', '/hangs'];
  const routes = ['/', '/deep', '/json', '/multipart', '/stream', '/fails', '/hangs'];
  return framework === 'nest' ? routes.filter((route) => route !== '/multipart') : routes;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

let servers = 0;

/** A server of a framework whose requests have contexts. */
class Serving {
  /** The `end`s that came, by the id. */
  #endings = new Map();
  #instrumentation;
  #probe;
  #server;

  async start(framework, isInstrumented) {
    const namespace = createNamespace(`http.servers.${++servers}`);
    const init = (context, request) => {
      context.set('id', request.headers['x-id']);
      context.on('end', () => {
        const id = context.get('id');
        const seen = { last: context.get('last'), isActive: context.namespace.isActive() };
        this.#endings.set(id, [...(this.#endings.get(id) ?? []), seen]);
      });
    };
    if (isInstrumented) this.#instrumentation = instrument(namespace, { init });
    this.#probe = new Probe(() => namespace.get('id'));
    const look = this.#probe.at.bind(this.#probe);
    this.#probe.at = (step, expected) => {
      // What `end` has to see: all but the listeners of close, which come after it.
      if (namespace.isActive() && !/close|abort|onResponse/.test(step)) namespace.set('last', step);
      return look(step, expected);
    };
    const install = isInstrumented ? undefined : installOf(framework, namespace, { init });
    this.#server = await frameworks[framework]({ install, probe: this.#probe });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async stop() {
    this.#instrumentation?.disable();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Asks a route so many times at once, and asserts that all steps of each request were in its context, which has ended once. */
  async assertKeepsApart(route, count) {
    this.#endings.clear();
    const before = structuredClone(this.#probe.results);
    const answers = await askOften(this.#server.address().port, route, count);
    const status = route === '/fails' ? 500 : 200;
    if (route !== '/hangs') for (const answer of answers) assert.strictEqual(answer.status, status);
    while (this.#endings.size < count) await turn();
    // A second end would come now.
    for (let i = 0; i < 5; i++) await turn();
    for (const [step, { right, lost, wrong }] of Object.entries(this.#probe.results)) {
      const now = right - (before[step]?.right ?? 0);
      assert.deepStrictEqual({ step, lost, wrong }, { step, lost: 0, wrong: 0 });
      assert.ok(now === 0 || now >= count, `${step}: ${now}`);
    }
    const last = route === '/hangs' ? 'handler' : 'finish';
    for (const [id, ends] of this.#endings) assert.deepStrictEqual({ id, ends }, { id, ends: [{ last, isActive: true }] });
  }
}

/** Describes a server of each framework that gets so many requests at once. */
function testServers(count) {
  for (const framework of Object.keys(frameworks)) {
    for (const isInstrumented of [true, false]) {
      describe(`a server of ${framework}, by ${isInstrumented ? 'instrument' : 'its own middleware'}`, () => {
        const serving = new Serving();
        before(() => serving.start(framework, isInstrumented));
        after(() => serving.stop());
        for (const route of routesOf(framework)) {
          it(`keeps ${count} requests at once apart, and ends each once: ${route}`, () =>
            serving.assertKeepsApart(route, count));
        }
      });
    }
  }
}

module.exports = { testServers };
