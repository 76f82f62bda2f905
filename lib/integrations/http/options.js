'use strict';

const { isNamespace, toKey } = require('../../foundation');
const { invalidType, withCode } = require('../../util/errors');

/** Describes the argument: namespaces of other copies of the package are not accepted. */
const NAMESPACE = 'a namespace created by this copy of the package (npm ls context lists the copies)';

/** An HTTP header name. */
const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** The header of the response if neither `echo` nor `header` names one. */
const USUAL_HEADER = 'x-request-id';

function checkFunction(name, value) {
  if (value !== undefined && typeof value !== 'function') throw invalidType(name, 'a function', value);
}

const isHeader = (value) => typeof value === 'string' && HEADER.test(value);

function echoOf({ echo = false, header = USUAL_HEADER }) {
  if (typeof echo === 'boolean') return echo ? header : undefined;
  if (!isHeader(echo)) throw invalidType('options.echo', 'a boolean or the name of a header', echo);
  return echo;
}

/** The longest delay of a timer of Node.js, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

function checkTimeout(timeout) {
  if (timeout === undefined) return;
  if (typeof timeout !== 'number') throw invalidType('options.timeout', 'a number of milliseconds', timeout);
  if (!(timeout >= 0 && timeout <= LONGEST)) {
    const message = `options.timeout must be 0 to ${LONGEST} milliseconds, but it is ${timeout}. For no deadline, leave it out`;
    throw withCode(new RangeError(message), 'ERR_OUT_OF_RANGE');
  }
}

/**
 * Checks the arguments of `instrument` and of the middlewares.
 * @param {Namespace} namespace
 * @param {object} [options]
 * @param {(context: Context, request: RequestLike, response: ResponseLike) => unknown} [options.init] sets initial values,
 *   instead of an id
 * @param {(request: RequestLike) => boolean} [options.filter] whether a request gets a context
 * @param {string} [options.header] the header that may contain the request's id
 * @param {string | symbol | number} [options.key] the key of the id
 * @param {boolean | string} [options.echo] whether the id is set as a header of the response, or the header's name
 * @param {number} [options.timeout] after which the signal of a request's context aborts, in milliseconds
 * @returns {object} those options, and `context`, the options of the contexts
 * @throws {TypeError | RangeError} with code ERR_INVALID_ARG_TYPE or ERR_OUT_OF_RANGE
 */
function checkOptions(namespace, options = {}) {
  if (!isNamespace(namespace)) throw invalidType('namespace', NAMESPACE, namespace);
  if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
  const { init, filter, header, key = 'id', timeout } = options;
  checkFunction('options.init', init);
  checkFunction('options.filter', filter);
  if (header !== undefined && !isHeader(header)) throw invalidType('options.header', 'the name of a header', header);
  checkTimeout(timeout);
  const context = Object.freeze({ root: true, timeout });
  return { context, init, filter, header: header?.toLowerCase(), key: toKey(key), echo: echoOf(options) };
}

module.exports = { checkOptions };
