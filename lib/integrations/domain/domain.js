'use strict';

const { EventEmitter } = require('node:events');

const { invalidType } = require('../../util/errors');
const { checkCallback } = require('../../util/functions');
const { decorate, isError, setDomain } = require('./decorate');
const emitters = require('./emitters');
const failures = require('./failures');
const { callIn, enter, exit } = require('./stack');

let installed = false;

/** Nothing is switched on before there is a domain. */
function install() {
  if (installed) return;
  installed = true;
  emitters.install(Domain);
  failures.install();
}

/**
 * A context that receives the errors which happen in it, at once or in any callback later: as event `error`.
 */
class Domain extends EventEmitter {
  /** The emitters that were added. Those that were created in the domain belong to it too, but are not listed. */
  members = [];

  constructor() {
    super();
    install();
  }

  /** Makes this the active domain: for the rest of the running callback and all that is started in it. */
  enter() {
    enter(this);
  }

  /** Leaves this domain, and all that were entered after it. Does nothing if it is not entered. */
  exit() {
    exit(this);
  }

  /**
   * Calls a function in this domain.
   *
   * @param {Function} callback its `this` is the domain
   * @param {...unknown} args for the callback
   * @returns {unknown} what the callback returns
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the callback is not a function
   */
  run(callback, ...args) {
    checkCallback(callback);
    return callIn(this, callback, this, args);
  }

  /**
   * Binds a function to this domain.
   *
   * @param {Function} callback
   * @returns {Function} calls the callback in this domain, with the `this` and the arguments of its caller
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the callback is not a function
   */
  bind(callback) {
    checkCallback(callback);
    const domain = this;
    function bound(...args) {
      return callIn(domain, callback, this, args);
    }
    setDomain(bound, this);
    return bound;
  }

  /**
   * Binds a callback to this domain that takes an error as its first argument.
   *
   * @param {Function} callback takes the arguments after the error
   * @returns {Function} called with an error it emits that on the domain; else it calls the callback in this domain
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the callback is not a function
   */
  intercept(callback) {
    checkCallback(callback);
    const domain = this;
    return function intercepted(...args) {
      const error = args.shift();
      // What does not let it be told is taken for an error: it must not be lost.
      if (isError(error) === false) return callIn(domain, callback, this, args);
      decorate(error, domain, { domainBound: callback, domainThrown: false });
      domain.emit('error', error);
      return undefined;
    };
  }

  /**
   * Has an emitter belong to this domain, and to no other: its listeners run in the domain, and the domain gets the
   * errors that it has no listener for.
   *
   * @param {EventEmitter} emitter
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if it is not an object
   */
  add(emitter) {
    if ((typeof emitter !== 'object' || emitter === null) && typeof emitter !== 'function') {
      throw invalidType('emitter', 'an EventEmitter', emitter);
    }
    if (emitter.domain === this) return;
    if (emitter.domain instanceof Domain) emitter.domain.remove(emitter);
    if (emitter instanceof Domain && this.#isWithin(emitter)) return;
    setDomain(emitter, this);
    this.members.push(emitter);
  }

  /**
   * Takes an emitter out of this domain.
   *
   * @param {EventEmitter} emitter
   */
  remove(emitter) {
    emitter.domain = null;
    const index = this.members.indexOf(emitter);
    if (index !== -1) this.members.splice(index, 1);
  }

  /** Whether this domain was added to another one, directly or not: adding that one to this would go in circles. */
  #isWithin(other) {
    for (let at = this.domain; at; at = at.domain) {
      if (at === other) return true;
    }
    return false;
  }
}

module.exports = { Domain };
