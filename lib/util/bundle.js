'use strict';

const { createRequire } = require('node:module');
const path = require('node:path');

const { withCode } = require('./errors');

/**
 * Whether this file was bundled into another one. The package's folder is then unavailable; an ECMAScript bundle has no
 * `__filename` either.
 */
const isBundled = typeof __filename !== 'string' || !__filename.endsWith(path.join('lib', 'util', 'bundle.js'));

/** The package's folder; undefined in a bundle. */
const root = isBundled ? undefined : path.join(__dirname, '..', '..');

/**
 * Requires a file of the package that bundlers must not follow: it, or a package that it needs, may be missing.
 * @param {string} file relative to the package's folder
 * @returns {unknown} its exports
 * @throws {Error} with code MODULE_NOT_FOUND if it is missing, as in a bundle
 */
function requireUnbundled(file) {
  if (isBundled) throw withCode(new Error(`Cannot find module '${file}': it is not in this bundle`), 'MODULE_NOT_FOUND');
  return createRequire(__filename)(path.join(root, file));
}

module.exports = { isBundled, requireUnbundled, root };
