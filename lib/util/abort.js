'use strict';

const { transferableAbortController } = require('node:util');

/** The classes of the platform. A vm context, as test runners make it, may lack them as globals, but not what makes them. */
const AbortController = globalThis.AbortController ?? transferableAbortController().constructor;

function findDOMException() {
  const controller = new AbortController();
  controller.abort();
  return controller.signal.reason.constructor;
}

const DOMException = globalThis.DOMException ?? findDOMException();

/** @returns {DOMException} what aborts a signal without a reason */
const abortError = () => new DOMException('This operation was aborted', 'AbortError');

/** @returns {DOMException} what aborts a signal when its time is up */
const timeoutError = () => new DOMException('The operation was aborted due to timeout', 'TimeoutError');

module.exports = { AbortController, abortError, timeoutError };
