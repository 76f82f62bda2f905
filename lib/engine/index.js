'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');

const { withCode } = require('../util/errors');
const { isNode, runtime } = require('../util/runtime');

/**
 * Whether Node.js carries AsyncLocalStorage in an AsyncContextFrame. Otherwise stores are properties of async resources, and
 * the class has `_enable`. Enabling a store to find out would slow each later `await` of the program by a quarter.
 *
 * Says nothing about other runtimes, which imitate the class to varying degrees.
 */
const hasAsyncContextFrame = () => !('_enable' in AsyncLocalStorage.prototype);

/** Tests other runtimes for what the engines need. */
const probe = isNode ? undefined : require('./probe');

/** The engines in order of preference, each with a test for the platform's support. */
const engines = {
  __proto__: null,
  'async-context-frame': {
    isPossible: isNode ? hasAsyncContextFrame : probe.keepsStore,
    load: () => require('./async-context-frame'),
  },
  'async-hooks': {
    isPossible: isNode ? () => true : probe.firesHooks,
    load: () => require('./async-hooks'),
  },
};

function engineError(message) {
  return withCode(new Error(message), 'ERR_CONTEXT_ENGINE');
}

const advice = 'Use Node.js 20 or later, Bun or Deno.';

function forcedName() {
  try {
    return process.env.CONTEXT_ENGINE || undefined;
  } catch {
    // Deno without permission to read the environment.
    return undefined;
  }
}

/** @throws {Error} if the platform can't run the engine */
function checkForced(forced) {
  if (!(forced in engines)) {
    throw engineError(
      `CONTEXT_ENGINE must be 'async-hooks' or 'async-context-frame', but it is '${forced}'. ` +
        `Unset it to choose the engine automatically.`,
    );
  }
  if (engines[forced].isPossible()) return;
  if (!isNode) {
    throw engineError(
      `CONTEXT_ENGINE asks for '${forced}', but ${runtime} cannot do that: ` +
        `${forced === 'async-hooks' ? 'its async hooks do not fire' : 'its AsyncLocalStorage loses its store'}. ` +
        `Unset it to choose the engine automatically.`,
    );
  }
  throw engineError(
    `CONTEXT_ENGINE asks for 'async-context-frame', but this Node.js (${process.version}) runs without ` +
      `AsyncContextFrame. Node.js 24 and later have it, except with --no-async-context-frame; Node.js 22 has it ` +
      `with --experimental-async-context-frame. Unset CONTEXT_ENGINE to use 'async-hooks'.`,
  );
}

function chooseName() {
  const forced = forcedName();
  if (forced !== undefined) {
    checkForced(forced);
    return forced;
  }
  const name = Object.keys(engines).find((candidate) => engines[candidate].isPossible());
  if (name !== undefined) return name;
  throw engineError(
    `context cannot carry anything on ${runtime}. AsyncLocalStorage does not keep its store in an ` +
      `AsyncResource, and the hooks of async_hooks.createHook do not fire for promises. ${advice}`,
  );
}

/** Terminates the program if contexts get lost across `await`, which only shows a microtask later. */
async function check(engine) {
  if (await probe.carriesAcrossAwait(engine)) return;
  const error = engineError(
    `context cannot carry anything on ${runtime}: with the engine '${engine.name}', a context that is active before an await ` +
      `is not active after it. ${advice}`,
  );
  // Uncaught: a rejection could be overlooked.
  queueMicrotask(() => {
    throw error;
  });
}

function choose() {
  const engine = engines[chooseName()].load();
  if (!isNode) void check(engine);
  return engine;
}

/**
 * The engine: propagates a snapshot across asynchronous boundaries. Chosen once.
 * @type {{
 *   name: 'async-hooks' | 'async-context-frame',
 *   current: () => Snapshot | undefined,
 *   set: (snapshot: Snapshot | undefined) => void,
 *   activeRecord: () => number,
 *   switchesItself: boolean, whether the observer sees every switch; otherwise only calls of `set`
 *   isOutside: () => boolean, if the observer sees every switch: whether no announced callback is running
 *   observe: (callback: ((snapshot: Snapshot | undefined, kind: number, before?: Snapshot) => void) | undefined) => void, for
 *     tracker.js; with SET, `before` is what was active
 *   isObserved: () => boolean, whether there is such a callback
 *   prepare: () => void, called as early as possible by code that may enter a context later
 *   platformFrames: { current: () => Map, frameWith: (snapshot: Snapshot | undefined) => Map,
 *     set: (frame: Map, snapshot: Snapshot | undefined) => void } | undefined,
 * }}
 */
module.exports = choose();
