'use strict';

const { EventEmitter } = require('node:events');

const { withCode } = require('../../util/errors');
const { decorate, setDomain } = require('./decorate');
const { activate, callIn, outside, top } = require('./stack');

const { apply } = Reflect;

/** Emits an emitter's error on its domain, outside the active domain. */
function emitOnDomain(emitter, domain, value) {
  const error = value || withCode(new Error('Unhandled error.'), 'ERR_UNHANDLED_ERROR');
  if (typeof error === 'object') decorate(error, domain, { domainEmitter: emitter, domainThrown: false });
  const active = top();
  activate(outside(active));
  domain.emit('error', error);
  // Not reached if the domain has no listener: the error goes on to enclosing domains.
  activate(active);
  return false;
}

/**
 * Patches EventEmitter: emitters belong to the domain that they are created in, run their listeners in it, and hand it errors
 * without a listener.
 * @param {typeof Domain} Domain instances of this class only belong to a domain that they are added to
 */
function install(Domain) {
  const { init, prototype } = EventEmitter;
  EventEmitter.init = function initialize(options) {
    apply(init, this, [options]);
    const domain = top()?.domain;
    if (domain === undefined || this instanceof Domain) return;
    // A class may use a property of this name for something else.
    if (this.domain === undefined || this.domain === null) setDomain(this, domain);
  };

  const plainEmit = prototype.emit;
  prototype.emit = function emit(...args) {
    const { domain } = this;
    if (!(domain instanceof Domain) || this === process) return apply(plainEmit, this, args);
    if (args[0] !== 'error') return callIn(domain, plainEmit, this, args);
    return this.listenerCount('error') > 0 ? apply(plainEmit, this, args) : emitOnDomain(this, domain, args[1]);
  };
}

module.exports = { install };
