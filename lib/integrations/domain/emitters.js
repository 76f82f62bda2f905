'use strict';

const { EventEmitter } = require('node:events');

const { withCode } = require('../../util/errors');
const { decorate, setDomain } = require('./decorate');
const { activate, callIn, outside, top } = require('./stack');

const { apply } = Reflect;

/** Emits an error that an emitter has no listener for on its domain, outside of the domain that is active. */
function emitOnDomain(emitter, domain, value) {
  const error = value || withCode(new Error('Unhandled error.'), 'ERR_UNHANDLED_ERROR');
  if (typeof error === 'object') decorate(error, domain, { domainEmitter: emitter, domainThrown: false });
  const active = top();
  activate(outside(active));
  domain.emit('error', error);
  // Not if the domain had no listener either: then the error is on its way to the domains around.
  activate(active);
  return false;
}

/**
 * Has emitters belong to the domain they are created in, call their listeners in their domain, and give it the errors
 * that they have no listener for.
 *
 * @param {typeof Domain} Domain the class, whose own instances belong to one only if they are added
 */
function install(Domain) {
  const { init, prototype } = EventEmitter;
  EventEmitter.init = function initialize(options) {
    apply(init, this, [options]);
    const domain = top()?.domain;
    if (domain === undefined || this instanceof Domain) return;
    // A class may have a property of this name for something else.
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
