'use strict';

/**
 * What is profiled in this thread, by one session of V8's after the other: V8 takes samples of the stack and notes the moment of
 * each; what was active at that moment is found among the moments at which that changed.
 */

const { clearInterval, setInterval } = require('node:timers');

const { callOutside, slotOf } = require('../../foundation');
const { withCode } = require('../../util/errors');
const { reserveMuchStack } = require('../../util/stack');
const { microsecondsNow } = require('../clock');
const { Profile } = require('./profile');
const { Samples } = require('./samples');
const { ProfilerSession } = require('./session');
const { countChanges, record, stopRecording, takeChanges } = require('./switches');

/** How many changes may wait before the samples that they are for are taken. */
const MOST_CHANGES = 1_000_000;

/** How long V8 gathers samples in one session, in microseconds: it needs much memory for each, and long to hand out many at once. */
const LONGEST_SESSION = 20_000_000;

/** How often that is looked at, in milliseconds. */
const CHECK_INTERVAL = 250;

/** In a millisecond. */
const MICROSECONDS = 1000;

/** How far V8's clock and ours may seem to be apart, in microseconds: V8 leaves out what is less than one. */
const TOLERANCE = 2;

/** The one that runs in this thread. */
let running;

function warn(code, message) {
  process.emitWarning(message, { type: 'ContextWarning', code });
}

/** A session of V8's, and when it began. */
class TimedSession {
  #session;
  #before;
  #after;

  /** @throws {Error} with code ERR_CONTEXT_PROFILER */
  constructor(interval) {
    this.#before = microsecondsNow();
    this.#session = new ProfilerSession(interval);
    this.#after = microsecondsNow();
  }

  /**
   * @returns {{ v8Profile: object, isInTime: boolean }} and whether V8's clock is the one that it is taken for
   * @throws {Error} with code ERR_CONTEXT_PROFILER
   */
  stop() {
    const before = microsecondsNow();
    const v8Profile = this.#session.stop();
    const { startTime, endTime } = v8Profile;
    const isWithin = (time, from, to) => time > from - TOLERANCE && time < to + TOLERANCE;
    const isInTime = isWithin(startTime, this.#before, this.#after) && isWithin(endTime, before, microsecondsNow());
    // What its clock says is near enough for the order of samples, and not for who was active.
    return { v8Profile: isInTime ? v8Profile : { ...v8Profile, startTime: this.#after }, isInTime };
  }
}

/** Profiles this thread from when it is made on, until `stop`. */
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
   * @param {object} options that were checked
   * @throws {Error} with code ERR_CONTEXT_PROFILER_RUNNING if this thread is profiled already, or ERR_CONTEXT_PROFILER if V8 does not
   *   do it: then nothing has changed
   */
  constructor(options) {
    if (running !== undefined) {
      const message = 'A profiler of this package runs in this thread already: stop() it before another one is started';
      throw withCode(new Error(message), 'ERR_CONTEXT_PROFILER_RUNNING');
    }
    reserveMuchStack();
    this.#options = options;
    this.#session = new TimedSession(options.interval);
    try {
      record(options.labels, options.namespaces?.map(slotOf));
    } catch (error) {
      this.#session.stop();
      throw error;
    }
    running = this;
    this.#sessionStart = Math.ceil(microsecondsNow());
    this.#restart(this.#sessionStart);
    this.#timer = callOutside(() => setInterval(() => this.#checkSize(), CHECK_INTERVAL));
    this.#timer.unref();
  }

  /** Takes the samples so far if what waits for them has become much. */
  #checkSize() {
    const isLong = microsecondsNow() - this.#sessionStart > LONGEST_SESSION;
    if (isLong || countChanges() > MOST_CHANGES) this.#flush();
  }

  #restart(start) {
    this.#start = start;
    this.#startedAt = Date.now();
    const { interval, labels } = this.#options;
    this.#samples = new Samples(interval * MICROSECONDS, labels.length);
  }

  /**
   * Takes the samples so far. From a moment on at which both run, those of another session count.
   *
   * @returns {number | undefined} that moment; undefined if there is no other session: this one goes on
   */
  #flush() {
    let next;
    try {
      next = new TimedSession(this.#options.interval);
    } catch (error) {
      this.#warnLost(`V8 began no other profile (${error.message}): it goes on with this one`);
      return undefined;
    }
    const end = Math.ceil(microsecondsNow());
    this.#collect(end);
    this.#session = next;
    this.#sessionStart = end;
    return end;
  }

  /** Takes the samples of a session, which ends. */
  #collect(end) {
    let stopped;
    try {
      stopped = this.#session.stop();
    } catch (error) {
      takeChanges();
      this.#warnLost(`V8 gave no profile (${error.message}): its samples are missing`);
      return;
    }
    const changes = takeChanges();
    if (!stopped.isInTime) {
      this.#warnLost(`V8's clock is not the system's monotonic clock here: the samples have no labels`);
    }
    this.#samples.add(stopped.v8Profile, stopped.isInTime ? changes : undefined, this.#sessionStart, end);
  }

  #warnLost(message) {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    warn('CONTEXT_PROFILER', `The profiler could not do all of its work: ${message}. This is told once.`);
  }

  #finish(end) {
    const { interval, labels } = this.#options;
    const samples = this.#samples.finish(end);
    return new Profile({ interval, keys: labels, startedAt: this.#startedAt, start: this.#start, end, ...samples });
  }

  /**
   * Ends a profile and begins the next one, in the same moment.
   *
   * @returns {Profile | undefined} undefined if V8 did not do it: the profile goes on; or if it was stopped
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
   * Ends it.
   *
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
