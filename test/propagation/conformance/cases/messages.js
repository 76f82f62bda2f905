'use strict';

const { once } = require('node:events');
const { receiveMessageOnPort } = require('node:worker_threads');

const turn = () => new Promise((resolve) => setImmediate(resolve));

module.exports = [
  {
    name: 'MessageChannel: on',
    start: (step) =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.on('message', () => {
          step('message');
          port2.close();
        });
        port1.on('close', () => resolve(step('close')));
        port2.postMessage('text');
      }),
  },
  {
    name: 'MessageChannel: onmessage',
    start: (step) =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          step('onmessage');
          resolve(port1.close());
        };
        port2.postMessage('text');
      }),
  },
  {
    name: 'MessageChannel: a message that is awaited',
    async start(step) {
      const { port1, port2 } = new MessageChannel();
      setImmediate(() => port2.postMessage('text'));
      await once(port1, 'message');
      step('awaited');
      port1.close();
    },
  },
  {
    name: 'MessageChannel: a channel that was made outside of all contexts',
    loses: { message: 'messages come from the port, which was made outside of all contexts' },
    prepare: () => Array.from({ length: 16 }, () => new MessageChannel()),
    start: (step, { shared }) =>
      new Promise((resolve) => {
        const { port1, port2 } = shared.pop();
        port1.on('message', () => {
          step('message');
          resolve(port1.close());
        });
        port2.postMessage('text');
      }),
  },
  {
    name: 'receiveMessageOnPort',
    async start(step) {
      const { port1, port2 } = new MessageChannel();
      port2.postMessage('text');
      await turn();
      receiveMessageOnPort(port1);
      step('received');
      port1.close();
    },
  },
  {
    name: 'BroadcastChannel',
    start: (step, { owner }) =>
      new Promise((resolve) => {
        const receiver = new BroadcastChannel(`conformance ${owner}`);
        const sender = new BroadcastChannel(`conformance ${owner}`);
        receiver.onmessage = () => {
          step('onmessage');
          sender.close();
          resolve(receiver.close());
        };
        sender.postMessage('text');
      }),
  },
];
