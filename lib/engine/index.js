'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');

const { withCode } = require('../util/errors');
const { isNode, runtime } = require('../util/runtime');

/**
 * Whether Node.js carries AsyncLocalStorage in an AsyncContextFrame. If it does not, a running store is a property
 * of each async resource, which a store puts there itself once it was switched on. Asking whether it can be switched on
 * leaves it off: having had it on for a moment would make each `await` of the program slower by a quarter from then on.
 *
 * Other runtimes imitate the class with more or less of this, so that what it looks like says nothing there.
 */
const hasAsyncContextFrame = () => !('_enable' in AsyncLocalStorage.prototype);

/** Has other runtimes do what the engines take. */
const probe = isNode ? undefined : require('./probe');

/** The engines, the better one first: whether the platform can do what one takes, and its module. */
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

const advice = 'Run it on Node.js 20 or later; Bun and Deno can do it too.';

/** The engine that is asked for; undefined for none. */
function forcedName() {
  try {
    return process.env.CONTEXT_ENGINE || undefined;
  } catch {
    // Deno without the permission to read it: nobody can have asked for anything.
    return undefined;
  }
}

/** @throws {Error} if this platform cannot do it */
function checkForced(forced) {
  if (!(forced in engines)) {
    throw engineError(
      `CONTEXT_ENGINE must be 'async-hooks' or 'async-context-frame', but it is '${forced}'. ` +
        `Unset it to have the engine chosen by what ${isNode ? 'this Node.js' : runtime} can do.`,
    );
  }
  if (engines[forced].isPossible()) return;
  if (!isNode) {
    throw engineError(
      `CONTEXT_ENGINE asks for '${forced}', but ${runtime} cannot do that: ` +
        `${forced === 'async-hooks' ? 'its async hooks do not fire' : 'its AsyncLocalStorage loses its store'}. ` +
        `Unset it to have the engine chosen by what this runtime can do.`,
    );
  }
  throw engineError(
    `CONTEXT_ENGINE asks for 'async-context-frame', but this Node.js (${process.version}) runs without ` +
      `AsyncContextFrame. Node.js 24 and later have it, unless --no-async-context-frame is given; Node.js 22 has it ` +
      `with --experimental-async-context-frame. Unset CONTEXT_ENGINE to run with 'async-hooks'.`,
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
    `context cannot carry anything on ${runtime}. Two ways were tried: AsyncLocalStorage does not keep its store in an ` +
      `AsyncResource, and the hooks of async_hooks.createHook do not fire for promises. ${advice}`,
  );
}

/** Ends the program if contexts would get lost at each `await`. That takes a turn of the microtask queue to see. */
async function check(engine) {
  if (await probe.carriesAcrossAwait(engine)) return;
  const error = engineError(
    `context cannot carry anything on ${runtime}: what was active before an await, with the engine '${engine.name}', is not ` +
      `active after it. ${advice}`,
  );
  // Uncaught, where a rejection might pass unseen.
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
 * How a snapshot travels across an asynchronous boundary, chosen once.
 *
 * @type {{
 *   name: 'async-hooks' | 'async-context-frame',
 *   current: () => Snapshot | undefined,
 *   set: (snapshot: Snapshot | undefined) => void,
 *   activeRecord: () => number,
 *   switchesItself: boolean, whether it tells of each switch; if not, of what is set alone
 *   isOutside: () => boolean, if it switches by itself: whether no callback runs of which it was told that it begins
 *   observe: (callback: (snapshot: Snapshot | undefined, kind: number, before?: Snapshot) => void) => void, for tracker.js; undefined ends
 *     it. With SET it is called with what was active before
 *   prepare: () => void, called by who may enter something later, as early as possible
 *   platformFrames: {
 *     current: () => Map,
 *     set: (frame: Map, snapshot: Snapshot | undefined) => void, with what the frame carries
 *   } | undefined,
 * }}
 */
module.exports = choose();
