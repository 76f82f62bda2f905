'use strict';

/**
 * Says which domain something belongs to, in the property that Node.js has for it: writable, not enumerable.
 *
 * @param {object} target
 * @param {Domain} domain
 */
function setDomain(target, domain) {
  const descriptor = { __proto__: null, value: domain, configurable: true, enumerable: false, writable: true };
  Reflect.defineProperty(target, 'domain', descriptor);
}

/**
 * Tells on an error how it came to a domain, with the properties that Node.js has for it. What takes no properties, as
 * a string, a frozen error or a proxy whose traps throw, is left as it is: it has to get to its domain all the same.
 *
 * @param {unknown} error
 * @param {Domain} domain
 * @param {{ domainThrown: boolean, domainEmitter?: EventEmitter, domainBound?: Function }} how
 */
function decorate(error, domain, how) {
  if ((typeof error !== 'object' || error === null) && typeof error !== 'function') return;
  for (const [key, value] of Object.entries(how)) attempt(() => Reflect.set(error, key, value));
  attempt(() => setDomain(error, domain));
}

/** Does what an error may refuse. */
function attempt(change) {
  try {
    change();
  } catch {
    // The trap of a proxy, or a setter.
  }
}

/**
 * Whether a value is an error.
 *
 * @param {unknown} value
 * @returns {boolean | undefined} undefined if it does not let that be told: a proxy whose trap throws
 */
function isError(value) {
  try {
    return value instanceof Error;
  } catch {
    return undefined;
  }
}

module.exports = { decorate, isError, setDomain };
