'use strict';

const { once } = require('node:events');
const http = require('node:http');

const { HOST } = require('../servers');

module.exports = {
  client: 'ws',

  async start({ load }) {
    const { WebSocket, WebSocketServer } = load('ws');
    const server = http.createServer();
    const sockets = new WebSocketServer({ server });
    const requests = new Map();
    // Each connection is served in the context of the request that it is for, as if that had been entered here.
    sockets.on('connection', (socket, { url }) => requests.get(url)?.(socket));
    server.listen(0, HOST);
    await once(server, 'listening');
    const place = `ws://${HOST}:${server.address().port}`;

    const rows = [
      {
        kind: 'events',
        api: 'server: message and close, events',
        by: 'add',
        ask: async ({ id, look, add, enter }) => {
          const served = new Promise((resolve) => {
            requests.set(`/${id}`, (socket) =>
              enter(() => {
                //#region server: message and close, events, by add
                add(socket);
                socket.on('message', (data) => {
                  look();
                  socket.send(data);
                });
                socket.on('close', () => {
                  look();
                  resolve();
                });
                //#endregion
              }),
            );
          });
          const socket = new WebSocket(`${place}/${id}`);
          await once(socket, 'open');
          for (const message of ['one', 'two']) {
            socket.send(message);
            await once(socket, 'message');
          }
          socket.close();
          await served;
        },
      },
      {
        kind: 'events',
        api: 'client: open, message and close, events',
        ask: async ({ id, look }) => {
          requests.set(`/${id}`, (socket) => socket.on('message', (data) => socket.send(data)));
          const socket = new WebSocket(`${place}/${id}`);
          socket.on('open', () => {
            look();
            socket.send('one');
          });
          socket.on('message', () => {
            look();
            socket.close();
          });
          await once(socket.on('close', look), 'close');
        },
      },
      {
        kind: 'callback',
        api: 'client: send, callback',
        ask: async ({ id, look }) => {
          requests.set(`/${id}`, () => {});
          const socket = new WebSocket(`${place}/${id}`);
          await once(socket, 'open');
          await new Promise((resolve, reject) => {
            socket.send('one', (error) => {
              look();
              return error ? reject(error) : resolve();
            });
          });
          socket.close();
          await once(socket, 'close');
        },
      },
    ];
    return {
      rows,
      stop() {
        sockets.close();
        server.close();
      },
    };
  },
};
