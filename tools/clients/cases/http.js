'use strict';

const { once } = require('node:events');
const http = require('node:http');
const { Writable } = require('node:stream');

const { callback, events, listen, promise } = require('../rows');

/** Starts a server that answers each request in three pieces, after a while. */
async function startHttpServer() {
  const server = http.createServer((request, response) => {
    request.resume();
    setTimeout(() => {
      response.write('one ');
      setTimeout(() => {
        response.write('two ');
        setImmediate(() => response.end('three'));
      }, 1);
    }, 1);
  });
  const close = () => {
    server.close();
    server.closeAllConnections();
    return once(server, 'close');
  };
  return { origin: `http://${await listen(server)}`, close };
}

const newAgent = () => new http.Agent({ keepAlive: true, maxSockets: 4 });
const get = { path: '/', method: 'GET' };

const undici = {
  async setUp({ load }) {
    const { Pool, fetch } = load('undici');
    const { origin, close } = await startHttpServer();
    const pool = new Pool(origin, { connections: 4, pipelining: 1 });
    return { origin, pool, fetch, stop: () => Promise.all([pool.destroy(), close()]) };
  },

  rows: [
    promise('pool.request, promise', async ({ pool, lookAfter }) => {
      const { body } = await lookAfter(pool.request(get));
      await lookAfter(body.text());
    }),
    callback('pool.request, callback', ({ pool, lookFirst }, { done }) => {
      const onResponse = lookFirst((error, response) => (error ? done(error) : response.body.text().then(() => done(), done)));
      pool.request(get, onResponse);
    }),
    events('pool.request, events of the body', 'add', async ({ pool, look, add }) => {
      const { body } = await pool.request(get);
      add(body).on('data', look).on('end', look);
      await once(body, 'close');
    }),
    callback('pool.stream, factory and what is written to', 'bind', ({ pool, lookAfter, lookFirst, bind }) => {
      const write = bind(lookFirst((chunk, encoding, written) => written()));
      const factory = bind(lookFirst(() => new Writable({ write })));
      return lookAfter(pool.stream(get, factory));
    }),
    callback('pool.stream, callback', ({ pool }, { finish }) => {
      const factory = () => new Writable({ write: (chunk, encoding, written) => written() });
      pool.stream(get, factory, finish);
    }),
    callback('pool.pipeline, handler', async ({ pool, lookFirst }) => {
      const duplex = pool.pipeline(
        get,
        lookFirst(({ body }) => body),
      );
      await once(duplex.end().resume(), 'close');
    }),
    callback('pool.dispatch, handlers', 'bind', ({ pool, look, bind }, { done, finish }) => {
      pool.dispatch(get, {
        onRequestStart: bind(() => look()),
        onResponseStart: bind(() => look()),
        onResponseData: bind(() => look()),
        onResponseEnd: bind(() => finish()),
        onResponseError: (controller, error) => done(error),
      });
    }),
    promise('fetch, promise', async ({ origin, pool, fetch, lookAfter }) => {
      const response = await lookAfter(fetch(origin, { dispatcher: pool }));
      await lookAfter(response.text());
    }),
  ],
};

const got = {
  async setUp({ load }) {
    const { origin, close } = await startHttpServer();
    const agent = newAgent();
    const afterResponse = (response) => {
      response.request.options.context.look?.();
      return response;
    };
    const hooks = { beforeRequest: [({ context }) => context.look?.()], afterResponse: [afterResponse] };
    const client = load('got').got.extend({ agent: { http: agent }, hooks });
    return { origin, client, stop: () => Promise.all([agent.destroy(), close()]) };
  },

  rows: [
    promise('promise', ({ origin, client, lookAfter }) => lookAfter(client(origin))),
    callback('hooks', ({ origin, client, look }) => client(origin, { context: { look } })),
    events('stream, events', async ({ origin, client, look }) => {
      const body = client.stream(origin);
      body.on('response', look).on('data', look).on('end', look);
      await once(body, 'end');
    }),
    promise('stream, for await', async ({ origin, client, look }) => {
      for await (const chunk of client.stream(origin)) look(chunk);
    }),
  ],
};

const axios = {
  async setUp({ load }) {
    const { origin, close } = await startHttpServer();
    const httpAgent = newAgent();
    const client = load('axios').create({ baseURL: origin, httpAgent, proxy: false });
    const look = (value, { look: ofRequest } = value) => {
      ofRequest?.();
      return value;
    };
    client.interceptors.request.use((config) => look(config));
    client.interceptors.response.use((response) => look(response, response.config));
    return { client, stop: () => Promise.all([httpAgent.destroy(), close()]) };
  },

  rows: [
    promise('promise', ({ client, lookAfter }) => lookAfter(client.get('/'))),
    callback('interceptors', ({ client, look }) => client.get('/', { look })),
    callback('transformResponse, callback', ({ client, look }) => client.get('/', { transformResponse: look })),
    events('stream, events', async ({ client, look }) => {
      const { data: body } = await client.get('/', { responseType: 'stream' });
      body.on('data', look).on('end', look);
      await once(body, 'close');
    }),
  ],
};

module.exports = { undici, got, axios };
