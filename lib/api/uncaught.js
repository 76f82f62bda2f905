'use strict';

/** The errors that nobody caught: where they happened, for handlers of `uncaughtException` and `unhandledRejection`. */

const engine = require('../engine');
const { callSites } = require('../util/call-sites');
const { SafeWeakMap } = require('../util/primordials');

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

/** By error, the snapshot that was active when it got to nobody. */
const snapshots = new SafeWeakMap();

/** The last one that is a primitive value. */
let lastPrimitive;

/** Runs before the handlers, which may enter contexts, and only observes. */
function note(error) {
  const snapshot = engine.current();
  if (isObject(error)) snapshots.set(error, { snapshot });
  else lastPrimitive = { error, snapshot };
}

let isObserving = false;

/** Observes uncaught exceptions, from the first namespace on. */
function observeUncaught() {
  if (isObserving) return;
  isObserving = true;
  process.on('uncaughtExceptionMonitor', note);
}

/** Which handler is running, if any. */
function runningHandler() {
  const sites = callSites(Infinity, runningHandler) ?? [];
  let handler;
  for (let index = 0; index < sites.length; index++) {
    const site = sites[index];
    if (site.isAsync()) continue;
    const file = site.getFileName();
    if (file === 'node:internal/process/promises' && site.getFunctionName() === 'emitUnhandledRejection') return 'rejection';
    // The main script is called from there as well, but is over when an exception is handled.
    if (file === 'node:internal/process/execution') handler = 'exception';
  }
  return handler;
}

/**
 * Where an error happened that a handler of `uncaughtException` or `unhandledRejection` asks for while it runs.
 * @param {unknown} error
 * @returns {{ snapshot: Snapshot | undefined } | undefined} undefined if no such handler is running, or for another uncaught
 *   exception. Node.js doesn't reveal which rejection is being handled: it is assumed to be this one
 */
function recallUncaught(error) {
  const handler = runningHandler();
  if (handler === 'rejection') return { snapshot: engine.current() };
  if (handler !== 'exception') return undefined;
  if (isObject(error)) return snapshots.get(error);
  return lastPrimitive !== undefined && Object.is(lastPrimitive.error, error) ? lastPrimitive : undefined;
}

module.exports = { observeUncaught, recallUncaught };
