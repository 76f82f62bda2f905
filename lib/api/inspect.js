'use strict';

const { inspect } = require('node:util');

const { SafeSet } = require('../util/primordials');

/** What is being inspected: a context may be among its own values. */
const inspected = new SafeSet();

/**
 * What `util.inspect` shows of a context.
 *
 * @param {Context} context
 * @param {string} title
 * @param {Values} values
 * @param {number} depth of objects that may still be shown, below 0 for none
 * @param {object} options of util.inspect
 * @returns {string} the title and the values
 */
function inspectValues(context, title, values, depth, options) {
  if (depth < 0 || inspected.has(context)) return `[${title}]`;
  inspected.add(context);
  try {
    const shown = Object.defineProperties({}, Object.getOwnPropertyDescriptors(values));
    return `${title} ${inspect(shown, { ...options, depth })}`;
  } finally {
    inspected.delete(context);
  }
}

module.exports = { inspectValues };
