'use strict';

/** Methods that get a replacement for good, beside others who replace methods too. */

const { getPrototypeOf, hasOwn } = Object;

/**
 * What a replacement that is put on an object calls in its turn: the object's own method. If the object has none of its own, it is
 * what the object inherits at each call, so that the replacement does not hide what others put there later (`node:domain` replaces
 * `emit` of EventEmitter when it is loaded).
 *
 * @param {object} object that does not have the replacement yet
 * @param {PropertyKey} name
 * @returns {() => Function} the method to call now
 */
function covered(object, name) {
  const method = object[name];
  // An accessor may return another function to each object: what it has returned to this one stays.
  if (hasOwn(object, name) || getPrototypeOf(object)?.[name] !== method) return () => method;
  return () => getPrototypeOf(object)[name];
}

module.exports = { covered };
