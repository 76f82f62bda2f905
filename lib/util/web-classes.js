'use strict';

const { runInThisContext } = require('node:vm');

/**
 * AbortController and DOMException: those of this realm, if it has them. A context of `node:vm`, in which a test runner may load the
 * package, has none; then those of the thread's main realm.
 */
const { AbortController, DOMException } =
  globalThis.AbortController && globalThis.DOMException ? globalThis : runInThisContext('globalThis');

module.exports = { AbortController, DOMException };
