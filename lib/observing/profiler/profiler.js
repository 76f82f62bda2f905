'use strict';

const { refuseOtherRuntimes } = require('../other-runtimes');

refuseOtherRuntimes('context/profiler');

const { AsyncResource } = require('node:async_hooks');
const { clearInterval, setInterval } = require('node:timers');

const { callOutside } = require('../../foundation');
const { withCode } = require('../../util/errors');
const { checkContinuous, checkOptions } = require('./options');
const { Recording } = require('./recording');

const asyncDispose = Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose');

/** What `start` and `continuous` show to make a handle. */
const kStart = Symbol('context.profiler');

function checkKey(key, name) {
  if (key === kStart) return;
  throw withCode(new TypeError(`A ${name} is made by start() or continuous(), not with new`), 'ERR_ILLEGAL_CONSTRUCTOR');
}

/** A profile that is being made. */
class Profiling {
  #recording;

  constructor(key, options) {
    checkKey(key, 'Profiling');
    this.#recording = new Recording(options);
  }

  /**
   * Ends it.
   *
   * @returns {Promise<Profile>} the same one each time
   */
  async stop() {
    return this.#recording.stop();
  }

  /** Ends it, at the end of a block that is declared with `await using`. */
  async [asyncDispose]() {
    await this.stop();
  }
}

/** Profiles that are being made, one after the other. */
class ContinuousProfiling {
  #recording;
  #onProfile;
  #timer;

  constructor(key, { every, ...options }, onProfile) {
    checkKey(key, 'ContinuousProfiling');
    this.#recording = new Recording(options);
    this.#onProfile = AsyncResource.bind((profile) => void onProfile(profile), 'context.profiler');
    this.#timer = callOutside(() => setInterval(() => this.flush(), every));
    this.#timer.unref();
  }

  /** Hands out the profile that is being made, before its time, and begins the next one. Does nothing after `stop`. */
  flush() {
    const profile = this.#recording?.rotate();
    if (profile === undefined) return;
    // The next one has its whole time.
    this.#timer.refresh();
    this.#onProfile(profile);
  }

  /** Hands out the last profile, before it returns. Calling it again does nothing. */
  stop() {
    if (this.#recording === undefined) return;
    const profile = this.#recording.stop();
    this.#recording = undefined;
    clearInterval(this.#timer);
    this.#onProfile(profile);
  }

  /** Hands out the last profile, at the end of a block that is declared with `using`. */
  [Symbol.dispose ?? Symbol.for('nodejs.dispose')]() {
    this.stop();
  }
}

/**
 * Begins a profile of this thread whose samples know which context was active.
 *
 * @param {object} options
 * @param {number} [options.interval] between two samples, in milliseconds
 * @param {(string | symbol | number)[]} options.keys the keys whose values become labels, as `get` would find them
 * @param {(Namespace | string)[]} [options.namespaces] in which they are looked for; all if it is not given
 * @returns {Promise<Profiling>}
 * @throws {TypeError | RangeError} with code ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE or ERR_OUT_OF_RANGE for wrong options
 * @throws {Error} with code ERR_CONTEXT_PROFILER_RUNNING if this thread is profiled already, and ERR_CONTEXT_PROFILER if V8 cannot do it
 */
async function start(options) {
  return new Profiling(kStart, checkOptions(options));
}

/**
 * Profiles this thread for as long as it runs, and hands out one profile after the other. No sample is lost between two.
 *
 * @param {object} options those of `start`, and
 * @param {number} [options.every] how long each profile lasts, in milliseconds
 * @param {(profile: Profile) => void} onProfile called in what is active now
 * @returns {ContinuousProfiling}
 * @throws {TypeError | RangeError | Error} as `start`
 */
function continuous(options, onProfile) {
  return new ContinuousProfiling(kStart, checkContinuous(options, onProfile), onProfile);
}

module.exports = { continuous, start };
