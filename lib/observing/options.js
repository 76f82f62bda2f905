'use strict';

/** Options shared by several observers. */

const { getNamespace, isNamespace } = require('../foundation');
const { invalidType, outOfRange, withCode } = require('../util/errors');

const { isArray } = Array;

/** Describes the argument: namespaces of other copies of the package are not accepted. */
const NAMESPACES =
  'an array of namespaces created by this copy of the package (npm ls context lists the copies), or of their names';

function toNamespace(element) {
  if (isNamespace(element)) return element;
  if (typeof element !== 'string') throw invalidType('namespaces', NAMESPACES, element);
  const namespace = getNamespace(element);
  if (namespace !== undefined) return namespace;
  const message = `namespaces contains '${element}', but there is no such namespace: create it first, or pass the namespace itself`;
  throw withCode(new TypeError(message), 'ERR_INVALID_ARG_VALUE');
}

/**
 * Checks the option `namespaces`.
 * @returns {Namespace[] | undefined} undefined for all
 * @throws {TypeError} with code ERR_INVALID_ARG_TYPE or ERR_INVALID_ARG_VALUE
 */
function checkNamespaces(namespaces) {
  if (namespaces === undefined) return undefined;
  if (!isArray(namespaces)) throw invalidType('namespaces', NAMESPACES, namespaces);
  return namespaces.map(toNamespace);
}

/** @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the options are not an object */
function checkObject(options) {
  if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
}

/**
 * Checks a duration.
 * @param {string} name of the option
 * @param {unknown} value in milliseconds
 * @param {number} shortest
 * @param {number} longest
 * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if it is not a number
 * @throws {RangeError} with code ERR_OUT_OF_RANGE
 */
function checkTime(name, value, shortest, longest) {
  if (typeof value !== 'number') throw invalidType(name, 'a number of milliseconds', value);
  if (value >= shortest && value <= longest) return;
  throw outOfRange(name, `from ${shortest} to ${longest} milliseconds`, value);
}

module.exports = { checkNamespaces, checkObject, checkTime };
