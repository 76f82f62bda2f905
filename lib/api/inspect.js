'use strict';

const { inspect } = require('node:util');

const { SafeSet } = require('../util/primordials');

/** The contexts being inspected: one may contain itself. */
const inspected = new SafeSet();

/**
 * Formats a context for `util.inspect`.
 * @param {Context} context
 * @param {string} title
 * @param {Values} values
 * @param {number} depth below 0: only the title
 * @param {object} options of util.inspect
 * @returns {string}
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
