'use strict';

const { once } = require('node:events');
const http = require('node:http');

const { HOST } = require('../servers');

module.exports = {
  client: 'socket.io',

  async start({ load }) {
    const { Server } = load('socket.io');
    const { io } = load('socket.io-client');
    const server = http.createServer();
    const sockets = new Server(server);
    const requests = new Map();
    // Each connection is served in the context of the request that it is for, as if that had been entered here.
    sockets.on('connection', (socket) => requests.get(socket.handshake.auth.id)?.(socket));
    server.listen(0, HOST);
    await once(server, 'listening');
    const place = `http://${HOST}:${server.address().port}`;
    const connect = (id) => io(place, { transports: ['websocket'], forceNew: true, reconnection: false, auth: { id } });

    const rows = [
      {
        kind: 'events',
        api: 'server: socket.on, handlers',
        by: 'add',
        ask: async ({ id, look, add, enter }) => {
          const served = new Promise((resolve) => {
            requests.set(id, (socket) =>
              enter(() => {
                //#region server: socket.on, handlers, by add
                add(socket);
                socket.on('order', (order, acknowledge) => {
                  look();
                  acknowledge(order);
                });
                socket.on('disconnect', () => {
                  look();
                  resolve();
                });
                //#endregion
              }),
            );
          });
          const socket = connect(id);
          await socket.emitWithAck('order', 1);
          await socket.emitWithAck('order', 2);
          socket.close();
          await served;
        },
      },
      {
        kind: 'callback',
        api: 'server: acknowledgement, callback',
        by: 'bind',
        ask: async ({ id, look, bind, enter }) => {
          const served = new Promise((resolve) => {
            requests.set(id, (socket) =>
              enter(() => {
                //#region server: acknowledgement, callback, by bind
                const onAcknowledged = bind(() => {
                  look();
                  resolve();
                });
                socket.emit('news', onAcknowledged);
                //#endregion
              }),
            );
          });
          const socket = connect(id);
          socket.on('news', (acknowledge) => acknowledge());
          await served;
          socket.close();
        },
      },
      {
        kind: 'promise',
        api: 'server: emitWithAck, promise',
        ask: async ({ id, look, enter }) => {
          const served = new Promise((resolve, reject) => {
            async function serve(socket) {
              await socket.emitWithAck('news');
              look();
            }
            requests.set(id, (socket) => enter(() => serve(socket).then(resolve, reject)));
          });
          const socket = connect(id);
          socket.on('news', (acknowledge) => acknowledge());
          await served;
          socket.close();
        },
      },
      {
        kind: 'events',
        api: 'client: socket.on, handlers',
        ask({ id, look }, done) {
          requests.set(id, (socket) => socket.emit('news'));
          const socket = connect(id);
          socket.on('news', () => {
            look();
            socket.close();
            done();
          });
        },
      },
      {
        kind: 'callback',
        api: 'client: acknowledgement, callback',
        ask({ id, look }, done) {
          requests.set(id, (socket) => socket.on('order', (acknowledge) => acknowledge()));
          const socket = connect(id);
          socket.emit('order', () => {
            look();
            socket.close();
            done();
          });
        },
      },
      {
        kind: 'promise',
        api: 'client: emitWithAck, promise',
        ask: async ({ id, look }) => {
          requests.set(id, (socket) => socket.on('order', (acknowledge) => acknowledge()));
          const socket = connect(id);
          await socket.emitWithAck('order');
          look();
          socket.close();
        },
      },
    ];
    return { rows, stop: () => sockets.close() };
  },
};
