'use strict';

const { refuseOtherRuntimes } = require('../other-runtimes');

refuseOtherRuntimes('context/profiler');

const { AsyncResource } = require('node:async_hooks');
const { clearInterval, setInterval } = require('node:timers');

const { detach } = require('../../foundation');
const { withCode } = require('../../util/errors');
const { checkContinuous, checkOptions } = require('./options');
const { Recording } = require('./recording');

const asyncDispose = Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose');

/** Passed to the constructors by `start` and `continuous`. */
const kStart = Symbol('context.profiler');

function checkKey(key, name) {
  if (key === kStart) return;
  throw withCode(new TypeError(`Use start() or continuous() to create a ${name}, not new`), 'ERR_ILLEGAL_CONSTRUCTOR');
}

/** A running profile. */
class Profiling {
  #recording;

  constructor(key, options) {
    checkKey(key, 'Profiling');
    this.#recording = new Recording(options);
  }

  /**
   * Ends the profile.
   * @returns {Promise<Profile>} the same one each time
   */
  async stop() {
    return this.#recording.stop();
  }

  /** Ends the profile at the end of an `await using` block. */
  async [asyncDispose]() {
    await this.stop();
  }
}

/** A series of profiles. */
class ContinuousProfiling {
  #recording;
  #onProfile;
  #timer;

  constructor(key, { every, ...options }, onProfile) {
    checkKey(key, 'ContinuousProfiling');
    this.#recording = new Recording(options);
    this.#onProfile = AsyncResource.bind((profile) => void onProfile(profile), 'context.profiler');
    this.#timer = detach(() => setInterval(() => this.flush(), every));
    this.#timer.unref();
  }

  /** Delivers the current profile early and begins the next one. Does nothing after `stop`. */
  flush() {
    const profile = this.#recording?.rotate();
    if (profile === undefined) return;
    // The next profile gets its full duration.
    this.#timer.refresh();
    this.#onProfile(profile);
  }

  /** Delivers the last profile synchronously. Further calls do nothing. */
  stop() {
    if (this.#recording === undefined) return;
    const profile = this.#recording.stop();
    this.#recording = undefined;
    clearInterval(this.#timer);
    this.#onProfile(profile);
  }

  /** Delivers the last profile at the end of a `using` block. */
  [Symbol.dispose ?? Symbol.for('nodejs.dispose')]() {
    this.stop();
  }
}

/**
 * Starts profiling this thread, with the active context's labels on each sample.
 * @param {object} options
 * @param {number} [options.interval] between samples, in milliseconds; 1 by default
 * @param {(string | symbol | number)[]} options.keys keys whose values label the samples, looked up like `get`
 * @param {(Namespace | string)[]} [options.namespaces] where the keys are looked up; all by default
 * @returns {Promise<Profiling>}
 * @throws {TypeError | RangeError} with code ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE or ERR_OUT_OF_RANGE for invalid
 *   options
 * @throws {Error} with code ERR_CONTEXT_PROFILER_RUNNING if this thread is already profiled, or ERR_CONTEXT_PROFILER if V8
 *   fails
 */
async function start(options) {
  return new Profiling(kStart, checkOptions(options));
}

/**
 * Profiles this thread continuously and delivers one profile after another, without losing samples in between.
 * @param {object} options those of `start`, with an interval of 10 ms by default, and
 * @param {number} [options.every] the duration of each profile, in milliseconds
 * @param {(profile: Profile) => void} onProfile called in the contexts that are active now
 * @returns {ContinuousProfiling}
 * @throws {TypeError | RangeError | Error} like `start`
 */
function continuous(options, onProfile) {
  return new ContinuousProfiling(kStart, checkContinuous(options, onProfile), onProfile);
}

module.exports = { continuous, start };
