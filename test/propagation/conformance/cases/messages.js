'use strict';

const { once } = require('node:events');
const { receiveMessageOnPort } = require('node:worker_threads');

const { awaiting, cases, turn } = require('../case');

module.exports = cases({
  'MessageChannel: on': (step, { done }) => {
    const { port1, port2 } = new MessageChannel();
    port1.on('message', () => {
      step('message');
      port2.close();
    });
    port1.on('close', () => done(step('close')));
    port2.postMessage('text');
  },
  'MessageChannel: onmessage': (step, { done }) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      step('onmessage');
      done(port1.close());
    };
    port2.postMessage('text');
  },
  'MessageChannel: a message that is awaited': awaiting(async () => {
    const { port1, port2 } = new MessageChannel();
    setImmediate(() => port2.postMessage('text'));
    await once(port1, 'message');
    port1.close();
  }),
  'MessageChannel: a channel that was made outside of all contexts': {
    loses: { message: 'messages come from the port, which was made outside of all contexts' },
    prepare: () => Array.from({ length: 16 }, () => new MessageChannel()),
    start: (step, { shared, done }) => {
      const { port1, port2 } = shared.pop();
      port1.on('message', () => {
        step('message');
        done(port1.close());
      });
      port2.postMessage('text');
    },
  },
  receiveMessageOnPort: awaiting(async () => {
    const { port1, port2 } = new MessageChannel();
    port2.postMessage('text');
    await turn();
    receiveMessageOnPort(port1);
    port1.close();
  }),
  BroadcastChannel: (step, { owner, done }) => {
    const [receiver, sender] = [1, 2].map(() => new BroadcastChannel(`conformance ${owner}`));
    receiver.onmessage = () => {
      step('onmessage');
      sender.close();
      done(receiver.close());
    };
    sender.postMessage('text');
  },
});
