'use strict';

const { once } = require('node:events');
const http = require('node:http');

const { startHttpServer } = require('../http-server');

module.exports = {
  client: 'got',

  async start({ load }) {
    const { got } = load('got');
    const server = await startHttpServer();
    const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
    const hooks = {
      beforeRequest: [({ context }) => context.look?.()],
      afterResponse: [
        (response) => {
          response.request.options.context.look?.();
          return response;
        },
      ],
    };
    const client = got.extend({ agent: { http: agent }, hooks });

    const rows = [
      {
        kind: 'promise',
        api: 'promise',
        ask: async ({ look }) => {
          await client(server.origin);
          look();
        },
      },
      {
        kind: 'callback',
        api: 'hooks',
        ask: async ({ look }) => {
          await client(server.origin, { context: { look } });
        },
      },
      {
        kind: 'events',
        api: 'stream, events',
        ask: async ({ look }) => {
          const body = client.stream(server.origin);
          body.on('response', look).on('data', look).on('end', look);
          await once(body, 'end');
        },
      },
      {
        kind: 'promise',
        api: 'stream, for await',
        ask: async ({ look }) => {
          for await (const chunk of client.stream(server.origin)) look(chunk);
        },
      },
    ];
    return {
      rows,
      stop() {
        agent.destroy();
        return server.close();
      },
    };
  },
};
