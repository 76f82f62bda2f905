'use strict';

const path = require('node:path');

const { root } = require('../../util/bundle');
const { callSites } = require('../../util/call-sites');
const { safeArray } = require('../../util/primordials');

const { stringify } = JSON;
const { apply } = Reflect;
const { includes } = String.prototype;

/** How many calls are told, from the innermost one outwards. */
const LIMIT = 50;

/** How long a stack may be as JSON, in characters: calls that go beyond are left out of it. */
const LONGEST = 10_000;

/**
 * Tells the calls that are running. It may be called in the middle of any code: nothing of the application's runs.
 *
 * @param {Function} caller whose own call is left out, and all calls inside it
 * @returns {string[] | undefined} as lines of a stack, the innermost call first; undefined if they cannot be had.
 *   The array has no prototype
 */
function stackOutside(caller) {
  const sites = callSites(LIMIT, caller);
  if (sites === undefined) return undefined;
  const lines = safeArray();
  for (let index = 0; index < sites.length; index++) {
    lines[index] = `${sites[index].getFileName() === null ? sites[index].getFunctionName() : sites[index]}`;
  }
  return lines;
}

/**
 * The lines of a stack as JSON. Nothing of the application's runs.
 *
 * @param {string[]} stack
 * @returns {string}
 */
function toJson(stack) {
  let text = '';
  for (let index = 0; index < stack.length; index++) {
    const line = stringify(stack[index]);
    if (text.length + line.length > LONGEST) break;
    text += index === 0 ? line : `,${line}`;
  }
  return `[${text}]`;
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

module.exports = { isOfApplication, stackOutside, toJson };
