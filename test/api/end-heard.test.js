'use strict';

const assert = require('node:assert');
const { channel } = require('node:diagnostics_channel');

const { createNamespace } = require('context');

const { runNode } = require('../support/child');

const namespace = createNamespace('end heard');

describe('the end of an asynchronous call is emitted with what is around it active', () => {
  /** Calls an async function in a context inside another one; returns both, once `end` has come. */
  async function served(prepare) {
    const outer = namespace.createContext();
    const inner = namespace.createContext();
    prepare(inner);
    await outer.run(() => inner.run(async () => null));
    return { outer, inner };
  }

  it('to a listener', async () => {
    const active = [];
    const { outer } = await served((context) => context.on('end', () => active.push(namespace.active)));
    assert.deepStrictEqual(active, [outer]);
  });

  it('to an `emit` of its own, if there is no listener', async () => {
    const active = [];
    const { outer } = await served((context) => {
      context.emit = (type) => active.push([type, namespace.active]);
    });
    assert.deepStrictEqual(active, [['end', outer]]);
  });

  it('to a subscriber of the channel', async () => {
    const active = new Map();
    const ends = channel('context.end');
    const subscriber = ({ context }) => active.set(context, namespace.active);
    ends.subscribe(subscriber);
    const { outer, inner } = await served(() => {});
    ends.unsubscribe(subscriber);
    assert.strictEqual(active.get(inner), outer);
  });

  it('and throws where nobody catches it what its `emit` throws: the outcome is the function’s', async () => {
    const { code, stdout, stderr } = await runNode(`
      const context = require('context').createNamespace('end heard').createContext();
      Object.defineProperty(context, 'emit', { get() { throw new Error('no emit'); } });
      process.on('uncaughtException', (error) => console.log('uncaught', error.message));
      context.run(async () => 'value').then((value) => console.log(value));
    `);
    assert.deepStrictEqual([code, stdout.split('\n').sort(), stderr], [0, ['', 'uncaught no emit', 'value'], '']);
  });
});
