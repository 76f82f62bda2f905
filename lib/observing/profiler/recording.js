'use strict';

/**
 * Profiles this thread with a series of V8 sessions. V8 samples the stack and records the time of each sample; the context that
 * was active then is found in the recorded changes of the active snapshot.
 */

const { clearInterval, setInterval } = require('node:timers');

const { detach, slotOf } = require('../../foundation');
const { withCode } = require('../../util/errors');
const { microsecondsNow } = require('../clock');
const { reserveMuchStack } = require('../stack');
const { Profile } = require('./profile');
const { Samples } = require('./samples');
const { ProfilerSession } = require('./session');
const { countChanges, record, stopRecording, takeChanges } = require('./switches');

/** How many changes may accumulate before samples are collected. */
const MOST_CHANGES = 1_000_000;

/**
 * A session is replaced after so many samples, and not before so many microseconds: V8 needs much memory per sample, and long to
 * return many at once, but also looks at all functions when a session starts.
 */
const MOST_SAMPLES = 20_000;
const SHORTEST_SESSION = 20_000_000;

/** How often these limits are checked, in milliseconds. */
const CHECK_INTERVAL = 250;

const MICROSECONDS = 1000;

/** The tolerance between V8's clock and ours, in microseconds: V8 truncates. */
const TOLERANCE = 2;

/** The recording of this thread. */
let running;

function warn(code, message) {
  process.emitWarning(message, { type: 'ContextWarning', code });
}

/** A session of V8's profiler with its start time. */
class TimedSession {
  #session;
  #before;
  #after;

  constructor(interval) {
    this.#before = microsecondsNow();
    this.#session = new ProfilerSession(interval);
    this.#after = microsecondsNow();
  }

  /**
   * @returns {{ v8Profile: object, isInTime: boolean }} `isInTime`: whether V8 uses the expected clock
   * @throws {Error} with code ERR_CONTEXT_PROFILER
   */
  stop() {
    const before = microsecondsNow();
    const v8Profile = this.#session.stop();
    const { startTime, endTime } = v8Profile;
    const isWithin = (time, from, to) => time > from - TOLERANCE && time < to + TOLERANCE;
    const isInTime = isWithin(startTime, this.#before, this.#after) && isWithin(endTime, before, microsecondsNow());
    // Approximate times suffice for ordering samples, but not for matching contexts.
    return { v8Profile: isInTime ? v8Profile : { ...v8Profile, startTime: this.#after }, isInTime };
  }
}

/** Profiles this thread from its construction until `stop`. */
class Recording {
  #options;
  #session;
  #samples;
  #startedAt;
  #start;
  #sessionStart;
  #timer;
  #profile;
  #hasWarned = false;

  /**
   * @param {object} options checked ones
   * @throws {Error} with code ERR_CONTEXT_PROFILER_RUNNING if this thread is already profiled, or ERR_CONTEXT_PROFILER if V8
   *   fails; nothing has changed then
   */
  constructor(options) {
    if (running !== undefined) {
      const message = 'This thread is already being profiled: stop() it before you start another profile';
      throw withCode(new Error(message), 'ERR_CONTEXT_PROFILER_RUNNING');
    }
    reserveMuchStack();
    this.#options = options;
    this.#session = new TimedSession(options.interval);
    try {
      record(options.keys, options.namespaces?.map(slotOf));
    } catch (error) {
      this.#session.stop();
      throw error;
    }
    running = this;
    this.#sessionStart = Math.ceil(microsecondsNow());
    this.#restart(this.#sessionStart);
    this.#timer = detach(() => setInterval(() => this.#checkSize(), CHECK_INTERVAL));
    this.#timer.unref();
  }

  /** Collects samples if many have accumulated. */
  #checkSize() {
    const longest = Math.max(SHORTEST_SESSION, MOST_SAMPLES * this.#options.interval * MICROSECONDS);
    const isLong = microsecondsNow() - this.#sessionStart > longest;
    if (isLong || countChanges() > MOST_CHANGES) this.#flush();
  }

  #restart(start) {
    this.#start = start;
    this.#startedAt = Date.now();
    const { interval, keys } = this.#options;
    this.#samples = new Samples(interval * MICROSECONDS, keys.length);
  }

  /**
   * Collects the samples so far, and replaces the session with an overlapping one that counts from then on.
   * @returns {number | undefined} the time of the replacement; undefined if V8 failed to start a session and this one continues
   */
  #flush() {
    let next;
    try {
      next = new TimedSession(this.#options.interval);
    } catch (error) {
      this.#warnLost(`V8 could not start another session (${error.message}), so the current one continues`);
      return undefined;
    }
    const end = Math.ceil(microsecondsNow());
    this.#collect(end);
    this.#session = next;
    this.#sessionStart = end;
    return end;
  }

  /** Ends a session and collects its samples. */
  #collect(end) {
    let stopped;
    try {
      stopped = this.#session.stop();
    } catch (error) {
      takeChanges();
      this.#warnLost(`V8 returned no profile (${error.message}), so its samples are lost`);
      return;
    }
    const changes = takeChanges();
    if (!stopped.isInTime) {
      this.#warnLost(`V8's clock is not the system's monotonic clock here, so the samples have no labels`);
    }
    this.#samples.add(stopped.v8Profile, stopped.isInTime ? changes : undefined, this.#sessionStart, end);
  }

  #warnLost(message) {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    warn('CONTEXT_PROFILER', `The profile is incomplete: ${message}. This warning is printed once.`);
  }

  #finish(end) {
    const { interval, keys } = this.#options;
    const samples = this.#samples.finish(end);
    return new Profile({ interval, keys, startedAt: this.#startedAt, start: this.#start, end, ...samples });
  }

  /**
   * Ends a profile and starts the next one at the same moment.
   * @returns {Profile | undefined} undefined if V8 failed and the profile continues, or after `stop`
   */
  rotate() {
    if (this.#profile !== undefined) return undefined;
    reserveMuchStack();
    const end = this.#flush();
    if (end === undefined) return undefined;
    const profile = this.#finish(end);
    this.#restart(end);
    return profile;
  }

  /**
   * Ends the recording.
   * @returns {Profile} the same one each time
   */
  stop() {
    if (this.#profile === undefined) {
      reserveMuchStack();
      const end = Math.ceil(microsecondsNow());
      this.#collect(end);
      this.#profile = this.#finish(end);
      this.#samples = undefined;
      running = undefined;
      clearInterval(this.#timer);
      stopRecording();
    }
    return this.#profile;
  }
}

module.exports = { Recording };
