'use strict';

const assert = require('node:assert');
const http = require('node:http');
const { runInNewContext } = require('node:vm');

const { createNamespace } = require('context');
const { instrument, middleware } = require('context/http');

const { ask } = require('./client');
const { closeAll, listening, turn } = require('./instrumented');

let instrumentation;

/** How requests get their contexts: what makes the handler of a server of one that is served in a context. */
const ways = {
  instrument: (namespace, options, handler) => {
    instrumentation = instrument(namespace, options);
    return handler;
  },
  middleware: (namespace, options, handler) => {
    const wrap = middleware(namespace, options);
    return (request, response) => wrap(request, response, () => handler(request, response));
  },
};

/** Serves with `instrument`, and returns the text of the response to a request with some headers. */
async function served(namespace, options, text) {
  const port = await listening(http.createServer(ways.instrument(namespace, options, (_, response) => response.end(text()))));
  return async (headers, url = '/') => (await ask(port, url, '', { headers })).text;
}

const fail = (error) => () => {
  throw error;
};
const thrown = new Error('on purpose');
/** An error that does not let itself be looked at. */
const hostile = new Proxy(new Error(), { get: fail(new Error('of the trap')) });

const failures = {
  throws: fail(thrown),
  'throws a frozen error': fail(Object.freeze(new Error('on purpose'))),
  'throws what cannot be shown': fail(hostile),
  rejects: async () => fail(thrown)(),
  'rejects later': () => turn().then(fail(thrown)),
  'rejects with nothing': () => Promise.reject(),
  'rejects with what cannot be shown': async () => fail(hostile)(),
  'returns a rejected promise with a then of its own': () =>
    Object.assign(Promise.reject(thrown), { then: () => assert.fail('called') }),
  'returns a rejected promise of another realm': () => runInNewContext("Promise.reject(new Error('on purpose'))"),
};

/** Calls a function, and returns the warnings of the process meanwhile, which nobody else sees. */
async function warningsOf(callback) {
  const others = process.rawListeners('warning');
  process.removeAllListeners('warning');
  const warnings = [];
  process.on('warning', (warning) => warnings.push(warning));
  await callback();
  // A warning comes in the tick after the rejection; a second one would come in as many turns again.
  for (let i = 0; i < 20; i++) await turn();
  process.removeAllListeners('warning');
  for (const listener of others) process.on('warning', listener);
  return warnings;
}

describe('the options of requests', () => {
  afterEach(async () => {
    await closeAll();
    instrumentation?.disable();
    instrumentation = undefined;
  });

  for (const [way, serve] of Object.entries(ways)) {
    for (const option of ['init', 'filter']) {
      for (const [how, failing] of Object.entries(failures)) {
        it(`serve requests whose ${option} ${how}, and warn once: ${way}`, async () => {
          const namespace = createNamespace(`http.options.${way}.${option}.${how}`);
          const handler = (_, response) => response.end(String(namespace.isActive()));
          const port = await listening(http.createServer(serve(namespace, { [option]: failing }, handler)));
          const warnings = await warningsOf(async () => {
            for (let i = 0; i < 3; i++) assert.strictEqual((await ask(port, '/', '')).text, 'true');
          });
          const warned = warnings.map(({ code, message }) => [code, message.includes(`'${namespace.name}'`)]);
          assert.deepStrictEqual(warned, [['CONTEXT_REQUEST_OPTION', true]]);
        });
      }
    }
  }

  it('leave a thenable alone that is no promise', async () => {
    const namespace = createNamespace('http.options.thenable');
    const init = (context) => {
      context.set('id', 7);
      return { then: () => assert.fail('a query would start') };
    };
    const textFor = await served(namespace, { init }, () => String(namespace.get('id')));
    assert.strictEqual(await textFor({}), '7');
  });

  it('get the id from a header that is named, or a new UUID', async () => {
    const namespace = createNamespace('http.protocols.id');
    const textFor = await served(namespace, { header: 'X-Request-Id' }, () => namespace.get('id'));
    const idFor = (id) => textFor(id === undefined ? {} : { 'x-request-id': id });
    for (const good of ['given-1', 'x'.repeat(128)]) assert.strictEqual(await idFor(good), good);
    const others = [];
    for (const odd of ['x'.repeat(129), 'a b', 'é', '\u0085', '', undefined, undefined]) others.push(await idFor(odd));
    for (const id of others) assert.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.strictEqual(new Set(others).size, others.length);
  });

  it('have a filter decide', async () => {
    const namespace = createNamespace('http.options.filter');
    let ended = 0;
    const init = (context) => context.on('end', () => ended++);
    const filter = ({ url }) => url !== '/health';
    const textFor = await served(namespace, { init, filter }, () => String(namespace.isActive()));
    assert.deepStrictEqual([await textFor({}, '/health'), await textFor({})], ['false', 'true']);
    while (ended === 0) await turn();
    assert.strictEqual(ended, 1);
  });

  it('are refused if they are of the wrong type', () => {
    const namespace = createNamespace('http.bad');
    const wrong = [null, { init: 1 }, { filter: 'yes' }, { header: 'x y' }].map((options) => [namespace, options]);
    for (const args of [[], [{ createContext() {} }], [Object.create(namespace)], ...wrong]) {
      for (const call of [instrument, middleware]) {
        assert.throws(() => call(...args), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
      }
    }
  });
});
