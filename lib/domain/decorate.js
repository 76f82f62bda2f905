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
 * a string or a frozen error, is left as it is.
 *
 * @param {unknown} error
 * @param {Domain} domain
 * @param {{ domainThrown: boolean, domainEmitter?: EventEmitter, domainBound?: Function }} how
 */
function decorate(error, domain, how) {
  if ((typeof error !== 'object' || error === null) && typeof error !== 'function') return;
  for (const [key, value] of Object.entries(how)) Reflect.set(error, key, value);
  setDomain(error, domain);
}

module.exports = { decorate, setDomain };
