'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');

const { withCode } = require('../util/errors');

/**
 * Whether the platform carries AsyncLocalStorage in an AsyncContextFrame. If it does not, a running store is a property
 * of each async resource, which a store puts there itself once it was switched on. Asking whether it can be switched on
 * leaves it off: having had it on for a moment would make each `await` of the program slower by a quarter from then on.
 */
const hasAsyncContextFrame = !('_enable' in AsyncLocalStorage.prototype);

function choose() {
  const forced = process.env.CONTEXT_ENGINE;
  switch (forced) {
    case undefined:
    case '':
      return hasAsyncContextFrame ? require('./async-context-frame') : require('./async-hooks');
    case 'async-hooks':
      return require('./async-hooks');
    case 'async-context-frame':
      if (hasAsyncContextFrame) return require('./async-context-frame');
      throw withCode(
        new Error(
          `CONTEXT_ENGINE asks for 'async-context-frame', but this Node.js (${process.version}) runs without ` +
            `AsyncContextFrame. Node.js 24 and later have it, unless --no-async-context-frame is given; Node.js 22 has it ` +
            `with --experimental-async-context-frame. Unset CONTEXT_ENGINE to run with 'async-hooks'.`,
        ),
        'ERR_CONTEXT_ENGINE',
      );
    default:
      throw withCode(
        new Error(
          `CONTEXT_ENGINE must be 'async-hooks' or 'async-context-frame', but it is '${forced}'. ` +
            `Unset it to have the engine chosen by what this Node.js can do.`,
        ),
        'ERR_CONTEXT_ENGINE',
      );
  }
}

/**
 * How a snapshot travels across an asynchronous boundary, chosen once.
 *
 * @type {{
 *   name: 'async-hooks' | 'async-context-frame',
 *   current: () => Snapshot | undefined,
 *   set: (snapshot: Snapshot | undefined) => void,
 *   activeRecord: () => number,
 *   platformFrames: { current: () => Map | undefined, set: (frame: Map | undefined) => void } | undefined,
 * }}
 */
module.exports = choose();
