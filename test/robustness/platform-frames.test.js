'use strict';

const assert = require('node:assert');

const engine = require('../../lib/engine');
const { runNode } = require('../support/child');

/** What a process says of its engine and of a context that it carries. */
async function saidAfter(preparation) {
  const { code, stdout, stderr } = await runNode(`
    const { AsyncLocalStorage } = require('async_hooks');
    ${preparation}
    const { createNamespace } = require('context');
    const { platformFrames } = require('./lib/engine');
    const namespace = createNamespace('frames');
    const store = new AsyncLocalStorage();
    console.log(platformFrames === undefined, namespace.isActive());
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
  assert.deepStrictEqual([code, stderr], [0, '']);
  return stdout.trimEnd().split('\n');
}

const CARRIED = ['undefined inside', '1 outside', 'undefined outside'];
const hasFrames = engine.name === 'async-context-frame';

describe("Node.js' own frames", () => {
  it('are found with async-context-frame, and nothing is active afterwards', async () => {
    const [about, ...carried] = await saidAfter('');
    assert.strictEqual(about, `${!hasFrames} false`);
    assert.deepStrictEqual(carried, CARRIED);
  });

  it('are left as they were, also if an AsyncResource has no scope', async () => {
    const [about, ...carried] = await saidAfter(
      "require('async_hooks').AsyncResource.prototype.runInAsyncScope = (fn) => fn();",
    );
    assert.strictEqual(about, `${!hasFrames} false`);
    assert.deepStrictEqual(carried, CARRIED);
  });

  const ways = {
    'are not shown by an AsyncResource': 'Object.getOwnPropertySymbols = () => [];',
    'are of a class without the functions':
      'const own = Object.getOwnPropertySymbols; Object.getOwnPropertySymbols = (value) => {' +
      ' for (const symbol of own(value)) if (value[symbol]?.constructor?.set) Object.defineProperty(value[symbol], "constructor", { value: class {} });' +
      ' return own(value); };',
    'cannot be looked for':
      "require('async_hooks').AsyncResource.prototype.runInAsyncScope = () => { throw new Error('no'); };",
  };
  for (const [name, preparation] of Object.entries(ways)) {
    it(`are done without if they ${name}`, async () => {
      const [about, ...carried] = await saidAfter(preparation);
      assert.strictEqual(about, 'true false');
      assert.deepStrictEqual(carried, CARRIED);
    });
  }
});
