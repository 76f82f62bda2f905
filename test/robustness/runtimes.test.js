'use strict';

const assert = require('node:assert');

const { createNamespace } = require('context');
const { hono } = require('context/http');

const { runNode } = require('../support/child');
const { linesOfThread } = require('../support/steps');

// node tools/test-runtimes.js runs Bun and Deno themselves. Here Node.js is made to look like what there may be.

/** Puts something in the place of an export, which may be an accessor. */
const REPLACE = `
  const replace = (name, value) => Object.defineProperty(require('node:async_hooks'), name, { value });
`;

const UNKNOWN = `${REPLACE}Object.defineProperty(process, 'release', { value: { name: 'warp' } });`;
const BUN = `${REPLACE}Object.defineProperty(process, 'versions', { value: { ...process.versions, bun: '1.0.0' } });`;

/** Hooks that can be made and enabled, and are never called. The store has its own: some releases make them when it is asked for. */
const DEAF_HOOKS = `
  require('node:async_hooks').AsyncLocalStorage;
  replace('createHook', () => ({ enable() { return this; }, disable() { return this; } }));
`;

/** A store that is there in synchronous code and nowhere else. */
const FORGETFUL_STORAGE = `
  replace('AsyncLocalStorage', class AsyncLocalStorage {
    #store;
    enterWith(store) { this.#store = store; }
    getStore() { return this.#store; }
    run(store, callback, ...args) {
      const before = this.#store;
      this.#store = store;
      try { return callback(...args); } finally { this.#store = before; }
    }
  });
`;

/** A store that a resource keeps, and an \`await\` doesn't: what can be done in JavaScript alone. */
const STORAGE_WITHOUT_AWAIT = `
  let active = new Map();
  replace('AsyncLocalStorage', class AsyncLocalStorage {
    enterWith(store) { active = new Map(active).set(this, store); }
    getStore() { return active.get(this); }
    run(store, callback, ...args) {
      const before = active;
      this.enterWith(store);
      try { return callback(...args); } finally { active = before; }
    }
  });
  replace('AsyncResource', class AsyncResource {
    #active = active;
    runInAsyncScope(callback) {
      const before = active;
      active = this.#active;
      try { return callback(); } finally { active = before; }
    }
  });
`;

/** Prints the engine, and what several units of work saw of their own values and of others'. */
const CARRY = `
  const context = require('context');
  const namespace = context.createNamespace('request');
  const seen = new Set();
  const unit = async (id) => {
    namespace.set('id', id);
    for (const wait of [(go) => setTimeout(go, 1), setImmediate, queueMicrotask, process.nextTick]) {
      await new Promise(wait);
      seen.add(namespace.get('id') === id);
    }
  };
  Promise.all([1, 2, 3].map((id) => namespace.run(unit, id))).then(() => console.log(context.engine, ...seen, namespace.isActive()));
`;

describe('a runtime other than Node.js', () => {
  it('has its engine chosen by what works: a store that is kept, whatever its class looks like', async () => {
    for (const runtime of [BUN, UNKNOWN]) {
      assert.deepStrictEqual(await linesOfThread(runtime + DEAF_HOOKS + CARRY), ['async-context-frame true false']);
    }
  });

  it('has its engine chosen by what works: hooks that fire', async () => {
    assert.deepStrictEqual(await linesOfThread(UNKNOWN + FORGETFUL_STORAGE + CARRY), ['async-hooks true false']);
  });

  const nothing = "for (const name of Object.keys(require('node:async_hooks'))) replace(name, undefined);";
  const refusals = {
    'is refused if it can do neither: the error names it, and what was tried': [
      UNKNOWN + DEAF_HOOKS + FORGETFUL_STORAGE,
      ['warp', 'AsyncLocalStorage', 'createHook'],
    ],
    'is refused if it has nothing at all of what is asked for': [UNKNOWN + nothing, ['warp']],
    'ends with an error, before the first turn is over, if the store gets lost at an await': [
      BUN + DEAF_HOOKS + STORAGE_WITHOUT_AWAIT,
      ['cannot carry anything on Bun 1.0.0: ', ' await'],
    ],
    'refuses hooks if they are asked for and do not fire': [
      BUN + DEAF_HOOKS,
      ["asks for 'async-hooks', but Bun 1.0.0 cannot ", ' hooks do not fire'],
      'async-hooks',
    ],
    'refuses a store if it is asked for and gets lost': [
      UNKNOWN + FORGETFUL_STORAGE,
      ["asks for 'async-context-frame', but warp ", ' loses its store'],
      'async-context-frame',
    ],
    'refuses an engine that there is not': [
      UNKNOWN,
      ["must be 'async-hooks' or 'async-context-frame', but it is 'other'"],
      'other',
    ],
  };
  for (const [title, [program, parts, engine]] of Object.entries(refusals)) {
    it(title, () => {
      const whole = `${program}
        require('context').createNamespace('request').run(() => setImmediate(() => { throw new Error('It goes on'); }));`;
      const env = engine && { CONTEXT_ENGINE: engine };
      return assert.rejects(linesOfThread(whole, { env }), (error) => {
        assert.strictEqual(error.code, 'ERR_CONTEXT_ENGINE');
        for (const part of parts) assert.ok(error.message.includes(part), error.message);
        return true;
      });
    });
  }
});

describe('what works on Node.js alone', () => {
  it('is refused elsewhere: domains, and what has to know what runs at a moment', async () => {
    for (const runtime of [BUN, UNKNOWN]) {
      const lines = await linesOfThread(`
        ${runtime}
        const assert = require('node:assert');
        require('context');
        for (const name of ['domain', 'profiler', 'usage', 'watchdog']) {
          const message = new RegExp('^context/' + name + ' does not work on (Bun|warp) .*: .* Run it on Node\\.js');
          assert.throws(() => require('context/' + name), { code: 'ERR_CONTEXT_RUNTIME', message });
          console.log('refused');
        }
      `);
      assert.deepStrictEqual(lines, Array(4).fill('refused'));
    }
  });

  it('is refused: a request of Hono that has no response of Node.js', async () => {
    const { Hono } = require('hono');
    const app = new Hono();
    const errors = [];
    app.onError((error, c) => {
      errors.push(error.code);
      return c.text('', 500);
    });
    app.use('*', hono(createNamespace('hono')));
    await app.request('/');
    assert.deepStrictEqual(errors, ['ERR_CONTEXT_RUNTIME']);
  });

  it('is asked for in another way: whether NODE_DEBUG asks for the log', async () => {
    // Bun's debuglog has no `enabled`.
    const program = `
      const util = require('node:util');
      const { debuglog } = util;
      util.debuglog = (name) => (...args) => debuglog(name)(...args);
      require('context').createNamespace('log').run(() => {});`;
    const { stderr } = await runNode(program, { NODE_DEBUG: 'http,Context' });
    assert.match(stderr, /enter Context log#1/);
    assert.match(stderr, /exit Context log#1/);
  });
});

describe('Deno without a permission', () => {
  const DENO = "Object.defineProperty(process, 'versions', { value: { ...process.versions, deno: '2.0.0' } });";

  const cases = {
    '--allow-ffi': 'Requires ffi access to "/app/context.node", run again with the --allow-ffi flag',
    '--allow-read': 'Requires read access to "/app", run again with the --allow-read flag',
  };
  for (const [flag, message] of Object.entries(cases)) {
    it(`gets an error that names it: ${flag}`, () => {
      // What Deno has the loader throw if it does something that was not allowed.
      const program = `
        ${DENO}
        require('module')._extensions['.node'] = () => {
          throw Object.assign(new Error(${JSON.stringify(message)}), { name: 'NotCapable' });
        };
        require('context');`;
      return assert.rejects(linesOfThread(program), (error) => {
        assert.strictEqual(error.code, 'ERR_CONTEXT_BINDING');
        for (const part of ['with Deno 2.0.0.', `: ${flag}.`, 'Start it with --allow-read --allow-ffi']) {
          assert.ok(error.message.includes(part), error.message);
        }
        return true;
      });
    });
  }

  it('has its engine chosen if CONTEXT_ENGINE cannot be read', async () => {
    const lines = await linesOfThread(`
      ${DENO}
      const env = new Proxy(process.env, {
        get(target, name) {
          if (name === 'CONTEXT_ENGINE') throw Object.assign(new Error('Requires env access'), { name: 'NotCapable' });
          return target[name];
        },
      });
      Object.defineProperty(process, 'env', { value: env });
      console.log(require('context').engine);
    `);
    assert.deepStrictEqual(lines, ['async-context-frame']);
  });
});

describe('Node.js', () => {
  it('is not made to try anything when the engine is chosen', async () => {
    const lines = await linesOfThread(`
      const hooks = require('node:async_hooks');
      // Some releases make hooks for the class when it is asked for.
      const { AsyncLocalStorage, createHook } = hooks;
      let enabled = 0;
      hooks.createHook = (callbacks) => {
        const hook = createHook(callbacks);
        hook.enable = () => { enabled++; return hook; };
        return hook;
      };
      require('./lib/engine');
      console.log(enabled === 0, Object.keys(require.cache).some((file) => file.endsWith('probe.js')));
    `);
    assert.deepStrictEqual(lines, ['true false']);
  });
});
