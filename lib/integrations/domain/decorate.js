'use strict';

const { hidden, isObject } = require('../../util/objects');

/** Sets the property `domain`, as Node.js does: writable, not enumerable. */
function setDomain(target, domain) {
  Reflect.defineProperty(target, 'domain', hidden(domain));
}

/**
 * Sets the properties with which Node.js describes how an error reached a domain. Values that accept none (primitives, frozen
 * errors, throwing proxies) are left alone, and still reach the domain.
 * @param {unknown} error
 * @param {Domain} domain
 * @param {{ domainThrown: boolean, domainEmitter?: EventEmitter, domainBound?: Function }} how
 */
function decorate(error, domain, how) {
  if (!isObject(error)) return;
  for (const [key, value] of Object.entries(how)) attempt(() => Reflect.set(error, key, value));
  attempt(() => setDomain(error, domain));
}

function attempt(change) {
  try {
    change();
  } catch {
    // A proxy trap or setter threw.
  }
}

/** @returns {boolean | undefined} whether it is an Error; undefined for a throwing proxy */
function isError(value) {
  try {
    return value instanceof Error;
  } catch {
    return undefined;
  }
}

module.exports = { decorate, isError, setDomain };
