'use strict';

const { covered } = require('../../util/covered');
const { isId } = require('./ids');

const { apply } = Reflect;
const { isArray } = Array;

/** Adds a header to a list of pairs, which is sent as it is. */
function withPair(pairs, name, id) {
  const isSet = pairs.some((pair) => String(pair[0]).toLowerCase() === name.toLowerCase());
  return isSet ? pairs : [...pairs, [name, id]];
}

/** Sets the header. Returns the arguments for `writeHead`, whose headers replace those that are set. */
function setHeader(response, args, name, id) {
  const last = args.length - 1;
  if (isArray(args[last]) && isArray(args[last][0])) return args.with(last, withPair(args[last], name, id));
  if (!response.headersSent && !response.hasHeader(name)) response.setHeader(name, id);
  return args;
}

/**
 * Sets the id of a request as a header of its response, unless the application has set that header: as late as possible, since
 * error handlers may remove all headers.
 * @param {object} response without `writeHead`, such as a stream or socket, it is left alone
 * @param {string} name of the header
 * @param {() => unknown} idNow returns the id; it is sent if it is a printable text
 */
function echoId(response, name, idNow) {
  if (typeof response.writeHead !== 'function' || typeof response.setHeader !== 'function') return;
  const writeHeadNow = covered(response, 'writeHead');
  function writeHead(...args) {
    const id = idNow();
    return apply(writeHeadNow(), this, isId(id) ? setHeader(this, args, name, id) : args);
  }
  Reflect.defineProperty(response, 'writeHead', { __proto__: null, value: writeHead, configurable: true, writable: true });
}

module.exports = { echoId };
