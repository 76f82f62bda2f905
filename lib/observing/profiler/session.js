'use strict';

/**
 * V8's profiler, through an inspector session in this process. Each session has its own profiler and interval, so it doesn't
 * interfere with other profilers or debuggers.
 */

const { core } = require('../../foundation');
const { withCode } = require('../../util/errors');

const MICROSECONDS = 1000;

function profilerError(message, cause) {
  return withCode(new Error(message, { cause }), 'ERR_CONTEXT_PROFILER');
}

function loadInspector() {
  try {
    return require('node:inspector');
  } catch (error) {
    throw profilerError('Profiling needs the inspector, which this Node.js was built without', error);
  }
}

/** A running V8 profile. */
class ProfilerSession {
  #session;

  /**
   * @param {number} interval in milliseconds
   * @throws {Error} with code ERR_CONTEXT_PROFILER if V8 fails
   */
  constructor(interval) {
    const { Session } = loadInspector();
    this.#session = new Session();
    try {
      this.#session.connect();
      this.#post('Profiler.enable');
      this.#post('Profiler.setSamplingInterval', { interval: Math.round(interval * MICROSECONDS) });
      this.#post('Profiler.start');
      // V8's signals interrupt an idle loop, and libuv then loses its idle time.
      core.holdIdleTime();
    } catch (error) {
      this.#session.disconnect();
      throw error;
    }
  }

  /**
   * Ends the profile.
   * @returns {{ nodes: object[], startTime: number, endTime: number, samples: number[], timeDeltas: number[] }} a Profile of the
   *   inspector protocol; times in microseconds
   * @throws {Error} with code ERR_CONTEXT_PROFILER if V8 fails
   */
  stop() {
    try {
      return this.#post('Profiler.stop').profile;
    } finally {
      this.#session.disconnect();
      core.releaseIdleTime();
    }
  }

  /** The inspector of the same thread answers synchronously. */
  #post(method, parameters) {
    let failure = new Error('no response');
    let answer;
    try {
      this.#session.post(method, parameters, (error, result) => {
        failure = error;
        answer = result;
      });
    } catch (error) {
      failure = error;
    }
    if (!failure) return answer;
    throw profilerError(`V8's inspector failed to run ${method}: ${failure.message}`, failure);
  }
}

module.exports = { ProfilerSession };
