'use strict';

const { once } = require('node:events');
const { Writable } = require('node:stream');

const { startHttpServer } = require('../http-server');

module.exports = {
  client: 'undici',

  async start({ load }) {
    const { Pool, fetch } = load('undici');
    const server = await startHttpServer();
    const pool = new Pool(server.origin, { connections: 4, pipelining: 1 });
    const get = { path: '/', method: 'GET' };

    const rows = [
      {
        kind: 'promise',
        api: 'pool.request, promise',
        ask: async ({ look }) => {
          const { body } = await pool.request(get);
          look();
          await body.text();
          look();
        },
      },
      {
        kind: 'callback',
        api: 'pool.request, callback',
        ask({ look }, done) {
          pool.request(get, (error, { body } = {}) => {
            look();
            if (error) return done(error);
            return body.text().then(() => done(), done);
          });
        },
      },
      {
        kind: 'events',
        api: 'pool.request, events of the body',
        by: 'add',
        ask: async ({ look, add }) => {
          //#region pool.request, events of the body, by add
          const { body } = await pool.request(get);
          add(body).on('data', look).on('end', look);
          await once(body, 'close');
          //#endregion
        },
      },
      {
        kind: 'callback',
        api: 'pool.stream, factory and what is written to',
        by: 'bind',
        ask: async ({ look, bind }) => {
          //#region pool.stream, factory and what is written to, by bind
          const write = bind((chunk, encoding, callback) => {
            look();
            callback();
          });
          const factory = bind(() => {
            look();
            return new Writable({ write });
          });
          await pool.stream(get, factory);
          //#endregion
          look();
        },
      },
      {
        kind: 'callback',
        api: 'pool.stream, callback',
        ask({ look }, done) {
          const factory = () => new Writable({ write: (chunk, encoding, callback) => callback() });
          pool.stream(get, factory, (error) => {
            look();
            done(error);
          });
        },
      },
      {
        kind: 'callback',
        api: 'pool.pipeline, handler',
        ask: async ({ look }) => {
          const duplex = pool.pipeline(get, ({ body }) => {
            look();
            return body;
          });
          duplex.end().resume();
          await once(duplex, 'close');
        },
      },
      {
        kind: 'callback',
        api: 'pool.dispatch, handlers',
        by: 'bind',
        ask({ look, bind }, done) {
          //#region pool.dispatch, handlers, by bind
          pool.dispatch(get, {
            onRequestStart: bind(() => look()),
            onResponseStart: bind(() => look()),
            onResponseData: bind(() => look()),
            onResponseEnd: bind(() => {
              look();
              done();
            }),
            onResponseError: (controller, error) => done(error),
          });
          //#endregion
        },
      },
      {
        kind: 'promise',
        api: 'fetch, promise',
        ask: async ({ look }) => {
          const response = await fetch(server.origin, { dispatcher: pool });
          look();
          await response.text();
          look();
        },
      },
    ];
    return { rows, stop: () => Promise.all([pool.destroy(), server.close()]) };
  },
};
