'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const http = require('node:http');
const { runInNewContext } = require('node:vm');

const { createNamespace } = require('context');
const { instrument, middleware } = require('context/http');

const { ask } = require('./client');

const turn = () => new Promise((resolve) => setImmediate(resolve));

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

let instrumentation;
let server;

async function listening(handler) {
  server = http.createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

/** What cannot be thrown without further ado: an error that takes no properties, or does not let itself be looked at. */
const hostile = () =>
  new Proxy(new Error(), {
    get: () => {
      throw new Error('of the trap');
    },
  });

const failures = {
  throws: () => {
    throw new Error('on purpose');
  },
  'throws a frozen error': () => {
    throw Object.freeze(new Error('on purpose'));
  },
  'throws what cannot be shown': () => {
    throw hostile();
  },
  rejects: async () => {
    throw new Error('on purpose');
  },
  'rejects later': async () => {
    await turn();
    throw new Error('on purpose');
  },
  'rejects with nothing': () => Promise.reject(),
  'rejects with what cannot be shown': async () => {
    throw hostile();
  },
  'returns a rejected promise with a then of its own': () =>
    Object.assign(Promise.reject(new Error('on purpose')), {
      then() {
        assert.fail('called');
      },
    }),
  'returns a rejected promise of another realm': () => runInNewContext("Promise.reject(new Error('on purpose'))"),
};

describe('the options of requests', () => {
  afterEach(async () => {
    instrumentation?.disable();
    instrumentation = undefined;
    if (!server?.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  for (const [way, serve] of Object.entries(ways)) {
    for (const option of ['init', 'filter']) {
      for (const [how, fail] of Object.entries(failures)) {
        it(`serve requests whose ${option} ${how}, and say so once: ${way}`, async () => {
          const namespace = createNamespace(`http.options.${way}.${option}.${how}`);
          const others = process.rawListeners('warning');
          process.removeAllListeners('warning');
          const warnings = [];
          const note = ({ code, message }) => warnings.push([code, message.includes(`'${namespace.name}'`)]);
          process.on('warning', note);
          const port = await listening(
            serve(namespace, { [option]: fail }, (_, response) => response.end(String(namespace.isActive()))),
          );
          for (let i = 0; i < 3; i++) assert.strictEqual((await ask(port, '/', '')).text, 'true');
          // A warning is told in the tick after the rejection; a second one would come in as many turns again.
          for (let i = 0; i < 20; i++) await turn();
          process.off('warning', note);
          for (const listener of others) process.on('warning', listener);
          assert.deepStrictEqual(warnings, [['CONTEXT_REQUEST_OPTION', true]]);
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
    const port = await listening(
      ways.instrument(namespace, { init }, (_, response) => response.end(String(namespace.get('id')))),
    );
    assert.strictEqual((await ask(port, '/', '')).text, '7');
  });

  it('take the id from a header that is named, or a new UUID', async () => {
    const namespace = createNamespace('http.protocols.id');
    instrumentation = instrument(namespace, { header: 'X-Request-Id' });
    const port = await listening((_, response) => response.end(namespace.get('id')));
    const idFor = async (headers) => (await ask(port, '/', '', { headers })).text;
    const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
    assert.strictEqual(await idFor({ 'x-request-id': 'given-1' }), 'given-1');
    assert.strictEqual(await idFor({ 'x-request-id': 'x'.repeat(128) }), 'x'.repeat(128));
    for (const odd of ['x'.repeat(129), 'a b', 'é', '\u0085', '']) {
      assert.match(await idFor({ 'x-request-id': odd }), uuid, JSON.stringify(odd));
    }
    const [one, other] = [await idFor({}), await idFor({})];
    assert.match(one, uuid);
    assert.notStrictEqual(one, other);
  });

  it('have a filter decide', async () => {
    const namespace = createNamespace('http.options.filter');
    let ended = 0;
    const init = (context) => context.on('end', () => ended++);
    instrumentation = instrument(namespace, { init, filter: ({ url }) => url !== '/health' });
    const port = await listening((_, response) => response.end(String(namespace.isActive())));
    assert.strictEqual((await ask(port, '/health', 'id-0')).text, 'false');
    assert.strictEqual((await ask(port, '/', 'id-1')).text, 'true');
    while (ended === 0) await turn();
    assert.strictEqual(ended, 1);
  });

  for (const [what, args] of Object.entries({
    'no namespace': [],
    'a namespace of its own making': [{ createContext() {} }],
    'options of the wrong type': [createNamespace('http.bad.1'), null],
    'an init that is no function': [createNamespace('http.bad.2'), { init: 1 }],
    'a filter that is no function': [createNamespace('http.bad.3'), { filter: 'yes' }],
    'a header that is no name': [createNamespace('http.bad.4'), { header: 'x y' }],
  })) {
    it(`are refused: ${what}`, () => {
      for (const call of [instrument, middleware]) {
        assert.throws(() => call(...args), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
      }
    });
  }
});
