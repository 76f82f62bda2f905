'use strict';

const path = require('node:path');

const { root } = require('../../util/bundle');
const { callSites } = require('../../util/call-sites');

const { apply } = Reflect;
const { includes } = String.prototype;

/** How many calls are told, from the innermost one outwards. */
const LIMIT = 50;

/**
 * Tells the calls that are running. It may be called in the middle of any code: nothing of the application's runs.
 *
 * @param {Function} caller whose own call is left out, and all calls inside it
 * @returns {string[] | undefined} as lines of a stack, the innermost call first; undefined if they cannot be had
 */
function stackOutside(caller) {
  const sites = callSites(LIMIT, caller);
  if (sites === undefined) return undefined;
  const lines = [];
  for (let index = 0; index < sites.length; index++) {
    lines[index] = `${sites[index].getFileName() === null ? sites[index].getFunctionName() : sites[index]}`;
  }
  return lines;
}

/** The folder of this package's code. In a bundle it cannot be told from the program's. */
const lib = root && path.join(root, 'lib', path.sep);

/**
 * Whether a call of a stack is one of a file that is neither of Node.js nor of this package.
 *
 * @param {string[]} stack
 * @returns {boolean}
 */
function isOfApplication(stack) {
  for (let index = 0; index < stack.length; index++) {
    const line = stack[index];
    const isOwn = lib !== undefined && apply(includes, line, [lib]);
    if (!isOwn && !apply(includes, line, ['node:']) && apply(includes, line, [':'])) return true;
  }
  return false;
}

module.exports = { isOfApplication, stackOutside };
