'use strict';

const assert = require('node:assert');

const context = require('context');

const { runNode } = require('../support/child');

describe('loading', () => {
  it('works by require and by import, with the same named exports', async () => {
    const imported = await import('context');
    const names = ['bind', 'createNamespace', 'destroyNamespace', 'engine', 'getNamespace', 'snapshot', 'stats'];
    for (const name of names) assert.strictEqual(imported[name], context[name]);
    assert.deepStrictEqual(Object.keys(context).sort(), names);
    assert.strictEqual(imported.default, context);
  });

  it("takes none of V8's shortcuts away from promises and collections, nor does the first entry", async () => {
    const { stdout, stderr } = await runNode([
      '--allow-natives-syntax',
      '-e',
      `const shortcuts = () => [
        %PromiseSpeciesProtector(), %ArraySpeciesProtector(), %ArrayIteratorProtector(), %MapIteratorProtector(),
        %SetIteratorProtector(), %StringIteratorProtector(),
      ].map(Number);
      const before = shortcuts();
      const namespace = require('context').createNamespace('shortcuts');
      const loaded = shortcuts();
      namespace.createContext().enter();
      setImmediate(() => console.log(JSON.stringify([before, loaded, shortcuts()])));`,
    ]);
    assert.deepStrictEqual(JSON.parse(stdout), Array(3).fill(Array(6).fill(1)), stderr);
  });

  it('tells the engine', () => {
    assert.ok(['async-hooks', 'async-context-frame'].includes(context.engine));
  });

  it('takes the engine that CONTEXT_ENGINE names', async () => {
    const { stdout } = await runNode("console.log(require('context').engine)", { CONTEXT_ENGINE: 'async-hooks' });
    assert.strictEqual(stdout, 'async-hooks\n');
  });

  it('refuses an engine that does not exist', async () => {
    const { code, stderr } = await runNode("require('context')", { CONTEXT_ENGINE: 'warp' });
    assert.strictEqual(code, 1);
    assert.match(stderr, /CONTEXT_ENGINE must be 'async-hooks' or 'async-context-frame', but it is 'warp'/);
    assert.match(stderr, /ERR_CONTEXT_ENGINE/);
  });

  it('refuses an engine that this Node.js lacks', async () => {
    const frames = await runNode("console.log(require('context').engine)", { CONTEXT_ENGINE: 'async-context-frame' });
    const { stdout } = await runNode("console.log(require('context').engine)", { CONTEXT_ENGINE: '' });
    if (stdout === 'async-context-frame\n') {
      assert.strictEqual(frames.stdout, stdout);
    } else {
      assert.strictEqual(frames.code, 1);
      assert.match(frames.stderr, /runs without AsyncContextFrame/);
      assert.match(frames.stderr, /ERR_CONTEXT_ENGINE/);
    }
  });

  it('asks the platform the right question: a running store is a property of the resource, or it is not', async () => {
    const { stdout } = await runNode(
      `
      const { AsyncLocalStorage, executionAsyncResource } = require('async_hooks');
      const resource = executionAsyncResource();
      const properties = () => Object.getOwnPropertySymbols(resource).length;
      const before = properties();
      const onResource = new AsyncLocalStorage().run({}, properties) > before;
      console.log(require('context').engine === (onResource ? 'async-hooks' : 'async-context-frame'));
      `,
      { CONTEXT_ENGINE: '' },
    );
    assert.strictEqual(stdout, 'true\n');
  });
});
