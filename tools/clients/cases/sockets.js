'use strict';

const { once } = require('node:events');
const http = require('node:http');

const { callback, events, listen, promise } = require('../rows');

/**
 * Requests with sockets. Each connection is served in the context of the request that it is for, as if that had been entered by the
 * server: `serve` of a request gets its id, `enter`, what the server does with the socket until it calls `over`, and the client's part.
 */
function serving(connect) {
  const handlers = new Map();
  const accept = (id, socket) => handlers.get(id)?.(socket);
  const serve = async ({ id, enter = (call) => call() }, handle, request) => {
    const served = new Promise((over, fail) => {
      handlers.set(id, (socket) => enter(() => void Promise.resolve(handle(socket, over)).catch(fail)));
    });
    const socket = connect(id);
    await Promise.all([served, request(socket)]);
    socket.close();
  };
  return { accept, serve };
}

const acknowledge = (answer) => answer();

const sockets = {
  async setUp({ load }) {
    const { Server } = load('socket.io');
    const { io } = load('socket.io-client');
    const server = http.createServer();
    const place = `http://${await listen(server)}`;
    const options = { transports: ['websocket'], forceNew: true, reconnection: false };
    const { accept, serve } = serving((id) => io(place, { ...options, auth: { id } }));
    const all = new Server(server);
    all.on('connection', (socket) => accept(socket.handshake.auth.id, socket));
    return { serve, stop: () => all.close() };
  },

  rows: [
    events('server: socket.on, handlers', 'add', ({ id, enter, serve, lookFirst, add }) => {
      const handle = (socket, over) => {
        add(socket);
        socket.on(
          'order',
          lookFirst((order, answer) => answer(order)),
        );
        socket.on('disconnect', lookFirst(over));
      };
      return serve({ id, enter }, handle, async (socket) => {
        for (const order of [1, 2]) await socket.emitWithAck('order', order);
        socket.close();
      });
    }),
    callback('server: acknowledgement, callback', 'bind', ({ id, enter, serve, lookFirst, bind }) => {
      const handle = (socket, over) => {
        const onAcknowledged = bind(lookFirst(over));
        socket.emit('news', onAcknowledged);
      };
      return serve({ id, enter }, handle, (socket) => socket.on('news', acknowledge));
    }),
    promise('server: emitWithAck, promise', ({ id, enter, serve, lookAfter }) => {
      const handle = (socket, over) => lookAfter(socket.emitWithAck('news')).then(over);
      return serve({ id, enter }, handle, (socket) => socket.on('news', acknowledge));
    }),
    events('client: socket.on, handlers', ({ id, serve, lookFirst }) => {
      const handle = (socket, over) => over(socket.emit('news'));
      return serve({ id }, handle, (socket) => new Promise((resolve) => socket.on('news', lookFirst(resolve))));
    }),
    callback('client: acknowledgement, callback', ({ id, serve, lookFirst }) => {
      const handle = (socket, over) => over(socket.on('order', acknowledge));
      return serve({ id }, handle, (socket) => new Promise((resolve) => socket.emit('order', lookFirst(resolve))));
    }),
    promise('client: emitWithAck, promise', ({ id, serve, lookAfter }) => {
      const handle = (socket, over) => over(socket.on('order', acknowledge));
      return serve({ id }, handle, (socket) => lookAfter(socket.emitWithAck('order')));
    }),
  ],
};

const ws = {
  async setUp({ load }) {
    const { WebSocket, WebSocketServer } = load('ws');
    const server = http.createServer();
    const place = `ws://${await listen(server)}`;
    const { accept, serve } = serving((id) => new WebSocket(`${place}/${id}`));
    const all = new WebSocketServer({ server }).on('connection', (socket, { url }) => accept(url.slice(1), socket));
    return { serve, stop: () => void [all, server].map((each) => each.close()) };
  },

  rows: [
    events('server: message and close, events', 'add', ({ id, enter, serve, lookFirst, add }) => {
      const handle = (socket, over) => {
        add(socket);
        socket.on(
          'message',
          lookFirst((data) => socket.send(data)),
        );
        socket.on('close', lookFirst(over));
      };
      return serve({ id, enter }, handle, async (socket) => {
        await once(socket, 'open');
        for (const message of ['one', 'two']) {
          socket.send(message);
          await once(socket, 'message');
        }
        socket.close();
      });
    }),
    events('client: open, message and close, events', ({ id, serve, look, lookFirst }) => {
      const handle = (socket, over) => over(socket.on('message', (data) => socket.send(data)));
      return serve({ id }, handle, (socket) => {
        socket.on(
          'open',
          lookFirst(() => socket.send('one')),
        );
        socket.on(
          'message',
          lookFirst(() => socket.close()),
        );
        return once(socket.on('close', look), 'close');
      });
    }),
    callback('client: send, callback', ({ id, serve, lookFirst }) => {
      const handle = (socket, over) => over();
      return serve({ id }, handle, async (socket) => {
        await once(socket, 'open');
        await new Promise((resolve, reject) => {
          const onSent = lookFirst((error) => (error ? reject(error) : resolve()));
          socket.send('one', onSent);
        });
        socket.close();
        await once(socket, 'close');
      });
    }),
  ],
};

module.exports = { 'socket.io': sockets, ws };
