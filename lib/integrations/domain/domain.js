'use strict';

const { EventEmitter } = require('node:events');

const { invalidType } = require('../../util/errors');
const { checkCallback } = require('../../util/functions');
const { isObject } = require('../../util/objects');
const { decorate, isError, setDomain } = require('./decorate');
const emitters = require('./emitters');
const failures = require('./failures');
const { callIn, enter, exit } = require('./stack');

let installed = false;

/** Installs the patches when the first domain is created. */
function install() {
  if (installed) return;
  installed = true;
  emitters.install(Domain);
  failures.install();
}

/** A context that receives the errors in it, synchronous or later, as an event `error`. */
class Domain extends EventEmitter {
  /** Explicitly added emitters. Those created in the domain also belong to it, but are not listed. */
  members = [];

  constructor() {
    super();
    install();
  }

  /** Makes this the active domain, for the rest of the current callback and everything started in it. */
  enter() {
    enter(this);
  }

  /** Leaves this domain and all domains entered after it. Does nothing if it is not entered. */
  exit() {
    exit(this);
  }

  /**
   * Calls a function in this domain.
   * @param {Function} callback its `this` is the domain
   * @param {...unknown} args for the callback
   * @returns {unknown} the callback's result
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the callback is not a function
   */
  run(callback, ...args) {
    checkCallback(callback);
    return callIn(this, callback, this, args);
  }

  /**
   * Binds a function to this domain.
   * @param {Function} callback
   * @returns {Function} calls the callback in this domain, passing `this` and arguments on
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
   * Binds an error-first callback to this domain.
   * @param {Function} callback receives the arguments after the error
   * @returns {Function} emits an error on the domain, or else calls the callback in it
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the callback is not a function
   */
  intercept(callback) {
    checkCallback(callback);
    const domain = this;
    return function intercepted(...args) {
      const error = args.shift();
      // A value that can't be inspected counts as an error, so that none gets lost.
      if (isError(error) === false) return callIn(domain, callback, this, args);
      decorate(error, domain, { domainBound: callback, domainThrown: false });
      domain.emit('error', error);
      return undefined;
    };
  }

  /**
   * Adds an emitter to this domain, removing it from its previous one. Its listeners run in the domain, which also receives
   * errors without a listener.
   * @param {EventEmitter} emitter
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if it is not an object
   */
  add(emitter) {
    if (!isObject(emitter)) throw invalidType('emitter', 'an EventEmitter', emitter);
    if (emitter.domain === this) return;
    if (emitter.domain instanceof Domain) emitter.domain.remove(emitter);
    if (emitter instanceof Domain && this.#isWithin(emitter)) return;
    setDomain(emitter, this);
    this.members.push(emitter);
  }

  /** Removes an emitter from this domain. */
  remove(emitter) {
    emitter.domain = null;
    const index = this.members.indexOf(emitter);
    if (index !== -1) this.members.splice(index, 1);
  }

  /** Whether this domain was added to another one, directly or indirectly: the reverse would be a cycle. */
  #isWithin(other) {
    for (let at = this.domain; at; at = at.domain) {
      if (at === other) return true;
    }
    return false;
  }
}

module.exports = { Domain };
