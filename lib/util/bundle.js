'use strict';

const { createRequire } = require('node:module');
const path = require('node:path');

const { withCode } = require('./errors');

/**
 * Whether a bundler has put this file into another one. Then the package's folder is not there, and nothing beside it. A bundle that is
 * an ECMAScript module has no `__filename` either.
 */
const isBundled = typeof __filename !== 'string' || !__filename.endsWith(path.join('lib', 'util', 'bundle.js'));

/** The package's folder; undefined in a bundle. */
const root = isBundled ? undefined : path.join(__dirname, '..', '..');

/**
 * Requires a file of the package that bundlers are not to follow: one that need not be there, or needs a package that need not.
 *
 * @param {string} file its path from the package's folder
 * @returns {unknown} its exports
 * @throws {Error} with code MODULE_NOT_FOUND if it is not there, as in a bundle
 */
function requireUnbundled(file) {
  if (isBundled) throw withCode(new Error(`Cannot find module '${file}': it is not in this bundle`), 'MODULE_NOT_FOUND');
  return createRequire(__filename)(path.join(root, file));
}

module.exports = { isBundled, requireUnbundled, root };
