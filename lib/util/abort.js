'use strict';

const { transferableAbortController } = require('node:util');

/** The platform's class. A vm context of a test runner may lack the global, but not the function that creates an instance. */
const AbortController = globalThis.AbortController ?? transferableAbortController().constructor;

function findDOMException() {
  const controller = new AbortController();
  controller.abort();
  return controller.signal.reason.constructor;
}

const DOMException = globalThis.DOMException ?? findDOMException();

/** @returns {DOMException} the reason of a signal that is aborted without one */
const abortError = () => new DOMException('This operation was aborted', 'AbortError');

/** @returns {DOMException} the reason of a signal that times out */
const timeoutError = () => new DOMException('The operation was aborted due to timeout', 'TimeoutError');

module.exports = { AbortController, abortError, timeoutError };
