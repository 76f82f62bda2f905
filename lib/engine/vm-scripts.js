'use strict';

/** Sees the scripts of node:vm that are run, for promise-hooks.js. */

const { executionAsyncId } = require('node:async_hooks');
const vm = require('node:vm');

const { callSites } = require('../util/call-sites');
const { Method } = require('../util/methods');

const { apply, getPrototypeOf } = Reflect;
const { Script } = vm;

/** Has `runInContext`, by which node:vm runs all scripts. */
const scripts = getPrototypeOf(Script.prototype);
const { runInThisContext } = Script.prototype;

/**
 * The scripts of node:vm that are run, to know when one is over. A timeout or SIGINT cuts it short, and with it the microtasks that a
 * context with `microtaskMode: 'afterEvaluate'` runs at its end. V8 tells nothing then of the end of the reaction, and if Node.js tracks
 * promises, the reaction stays on its stack of async ids.
 */
class Scripts {
  #method = new Method(scripts, 'runInContext');

  get isReplaceable() {
    return this.#method.isReplaceable;
  }

  /**
   * @param {object} events `isReacting` and `cutShort` of those that `enable` takes
   * @param {(asyncId: number) => void} popUntil called if a script has left more on the stack of async ids than there was before
   * @returns {boolean} whether all scripts will be seen
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

/** Whether what runs now was called by a script of node:vm, whose end will not be seen. Asked once; true if nobody can tell. */
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
