'use strict';

const { once } = require('node:events');
const http = require('node:http');

const { startHttpServer } = require('../http-server');

module.exports = {
  client: 'axios',

  async start({ load }) {
    const axios = load('axios');
    const server = await startHttpServer();
    const httpAgent = new http.Agent({ keepAlive: true, maxSockets: 4 });
    const client = axios.create({ baseURL: server.origin, httpAgent, proxy: false });
    client.interceptors.request.use((config) => {
      config.look?.();
      return config;
    });
    client.interceptors.response.use((response) => {
      response.config.look?.();
      return response;
    });

    const rows = [
      {
        kind: 'promise',
        api: 'promise',
        ask: async ({ look }) => {
          await client.get('/');
          look();
        },
      },
      {
        kind: 'callback',
        api: 'interceptors',
        ask: async ({ look }) => {
          await client.get('/', { look });
        },
      },
      {
        kind: 'callback',
        api: 'transformResponse, callback',
        ask: async ({ look }) => {
          await client.get('/', { transformResponse: look });
        },
      },
      {
        kind: 'events',
        api: 'stream, events',
        ask: async ({ look }) => {
          const { data: body } = await client.get('/', { responseType: 'stream' });
          body.on('data', look).on('end', look);
          await once(body, 'close');
        },
      },
    ];
    return {
      rows,
      stop() {
        httpAgent.destroy();
        return server.close();
      },
    };
  },
};
