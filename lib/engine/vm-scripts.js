'use strict';

/** Detects the end of node:vm scripts, for promise-hooks.js. */

const { executionAsyncId } = require('node:async_hooks');
const vm = require('node:vm');

const { callSites } = require('../util/call-sites');
const { Method } = require('../util/methods');

const { apply, getPrototypeOf } = Reflect;
const { Script } = vm;

/** The prototype with `runInContext`, through which node:vm runs all scripts. */
const scripts = getPrototypeOf(Script.prototype);
const { runInThisContext } = Script.prototype;

/**
 * Wraps `runInContext` to detect when a script ends. A timeout or SIGINT aborts a script, including the microtasks that a
 * context with `microtaskMode: 'afterEvaluate'` runs at its end. V8 then reports no end of the reaction, and if Node.js tracks
 * promises, the reaction stays on its stack of async ids.
 */
class Scripts {
  #method = new Method(scripts, 'runInContext');

  get isReplaceable() {
    return this.#method.isReplaceable;
  }

  /**
   * @param {object} events `isReacting` and `cutShort`, see `enable` in promise-hooks.js
   * @param {(asyncId: number) => void} popUntil called if a script left entries on the stack of async ids
   * @returns {boolean} whether the end of all scripts is detected
   */
  watch({ isReacting, cutShort }, popUntil) {
    const { original } = this.#method;
    let seen = false;
    const { runInContext } = {
      runInContext() {
        seen = true;
        const wasReacting = isReacting();
        const asyncId = executionAsyncId();
        try {
          return apply(original, this, arguments);
        } finally {
          if (executionAsyncId() !== asyncId) popUntil(asyncId);
          if (!wasReacting && isReacting()) cutShort();
        }
      },
    };
    this.#method.replace(runInContext);
    apply(runInThisContext, new Script(''), []);
    return seen && !isInScript();
  }

  stop() {
    this.#method.restore();
  }
}

/** Whether a node:vm script is already running, whose end would be missed; true if the stack can't be read. */
function isInScript() {
  const sites = callSites(Infinity);
  return sites === undefined || names(sites, 'node:vm');
}

function names(sites, file) {
  for (let i = 0; i < sites.length; i++) {
    if (sites[i].getFileName() === file) return true;
  }
  return false;
}

module.exports = { Scripts };
