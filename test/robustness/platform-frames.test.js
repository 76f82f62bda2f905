'use strict';

const assert = require('node:assert');

const engine = require('../../lib/engine');
const { linesOfThread } = require('../support/steps');

/** Asserts whether a thread knows Node.js' frames, and that it has no context active at first, and carries one in any case. */
async function assertCarries(hasFrames, preparation) {
  const lines = await linesOfThread(`
    const { AsyncLocalStorage, AsyncResource } = require('async_hooks');
    ${preparation}
    const { createNamespace } = require('context');
    const { platformFrames } = require('./lib/engine');
    const namespace = createNamespace('frames');
    const store = new AsyncLocalStorage();
    console.log(platformFrames !== undefined, namespace.isActive());
    store.run('outside', () => {
      namespace.run(async () => {
        namespace.set('id', 1);
        await null;
        console.log(namespace.get('id'), store.getStore());
      }).then(() => console.log(namespace.get('id'), store.getStore()));
      namespace.run(() => store.enterWith('inside'));
      console.log(namespace.get('id'), store.getStore());
    });
  `);
  assert.deepStrictEqual(lines, [`${hasFrames} false`, 'undefined inside', '1 outside', 'undefined outside']);
}

const hasFrames = engine.name === 'async-context-frame';

describe("Node.js' own frames", () => {
  it('are found with async-context-frame, and nothing is active afterwards', () => assertCarries(hasFrames, ''));

  it('are found also if other stores are in use', async () => {
    const lines = await linesOfThread(`
      const { AsyncLocalStorage } = require('async_hooks');
      const stores = [1, 2].map((value) => Object.assign(new AsyncLocalStorage(), { value }));
      for (const store of stores) store.enterWith(store.value);
      const namespace = require('context').createNamespace('frames');
      const values = () => [namespace.get('id'), ...stores.map((store) => store.getStore())].join();
      const { platformFrames } = require('./lib/engine');
      namespace.run(() => {
        namespace.set('id', 0);
        console.log(platformFrames !== undefined, values());
        stores[0].disable();
      });
      console.log(values());
    `);
    assert.deepStrictEqual(lines, [`${hasFrames} 0,1,2`, ',,2']);
  });

  it('are left as they were, also if an AsyncResource has no scope', () =>
    assertCarries(hasFrames, 'AsyncResource.prototype.runInAsyncScope = (fn) => fn();'));

  const ways = {
    'are not shown by an AsyncResource': 'Object.getOwnPropertySymbols = () => [];',
    'are of a class without the functions': `
      const own = Object.getOwnPropertySymbols;
      Object.getOwnPropertySymbols = (value) => {
        for (const symbol of own(value)) if (value[symbol]?.constructor?.set) Object.defineProperty(value[symbol], 'constructor', { value: class {} });
        return own(value);
      };`,
    'cannot be looked for': "AsyncResource.prototype.runInAsyncScope = () => { throw new Error('no'); };",
  };
  for (const [name, preparation] of Object.entries(ways)) {
    it(`are done without if they ${name}`, () => assertCarries(false, preparation));
  }
});
