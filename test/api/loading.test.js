'use strict';

const assert = require('node:assert');

const context = require('context');

const { linesOf, runNode } = require('../support/child');

describe('loading', () => {
  it('works by require and by import, with the same named exports', async () => {
    const imported = await import('context');
    const names = ['bind', 'createNamespace', 'destroyNamespace', 'detach', 'engine', 'getNamespace', 'snapshot', 'stats'];
    for (const name of names) assert.strictEqual(imported[name], context[name]);
    assert.deepStrictEqual(Object.keys(context).sort(), names);
    assert.strictEqual(imported.default, context);
  });

  it("disables none of V8's fast paths for promises and collections, nor does the first entry", async () => {
    const program = `
      const shortcuts = () => [
        %PromiseSpeciesProtector(), %ArraySpeciesProtector(), %ArrayIteratorProtector(), %MapIteratorProtector(),
        %SetIteratorProtector(), %StringIteratorProtector(),
      ].map(Number);
      const before = shortcuts();
      const namespace = require('context').createNamespace('shortcuts');
      const loaded = shortcuts();
      namespace.createContext().enter();
      setImmediate(() => console.log(JSON.stringify([before, loaded, shortcuts()])));`;
    const [line] = await linesOf(['--allow-natives-syntax', '-e', program]);
    assert.deepStrictEqual(JSON.parse(line), Array(3).fill(Array(6).fill(1)));
  });

  it('chooses the engine by how the platform keeps a running store, or by CONTEXT_ENGINE, which it may refuse', async () => {
    const program = `
      const { AsyncLocalStorage, executionAsyncResource } = require('async_hooks');
      const resource = executionAsyncResource();
      const properties = () => Object.getOwnPropertySymbols(resource).length;
      const before = properties();
      const onResource = new AsyncLocalStorage().run({}, properties) > before;
      console.log(onResource ? 'async-hooks' : 'async-context-frame', require('context').engine);
    `;
    const [own, hooks, frames, unknown] = await Promise.all(
      ['', 'async-hooks', 'async-context-frame', 'warp'].map((engine) => runNode(program, { CONTEXT_ENGINE: engine })),
    );
    const [expected, chosen] = own.stdout.trimEnd().split(' ');
    assert.strictEqual(chosen, expected);
    assert.strictEqual(hooks.stdout, `${expected} async-hooks\n`);
    if (expected === 'async-context-frame') assert.strictEqual(frames.stdout, own.stdout);
    else assert.match(frames.stderr, /runs without AsyncContextFrame[^]*ERR_CONTEXT_ENGINE/);
    const message = /CONTEXT_ENGINE must be 'async-hooks' or 'async-context-frame', but it is 'warp'[^]*ERR_CONTEXT_ENGINE/;
    assert.match(unknown.stderr, message);
    assert.strictEqual(unknown.code, 1);
  });
});
