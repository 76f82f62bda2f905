'use strict';

const { getPrototypeOf, hasOwn } = Object;

/**
 * Returns the method that a replacement on an object calls in turn. For an inherited method it is looked up at each call, so
 * that the replacement doesn't hide later changes (`node:domain` replaces `emit` of EventEmitter when it is loaded).
 * @param {object} object without the replacement
 * @param {PropertyKey} name
 * @returns {() => Function} returns the method to call now
 */
function covered(object, name) {
  const method = object[name];
  // An accessor may return a different function per object: keep the one it returned for this object.
  if (hasOwn(object, name) || getPrototypeOf(object)?.[name] !== method) return () => method;
  return () => getPrototypeOf(object)[name];
}

module.exports = { covered };
