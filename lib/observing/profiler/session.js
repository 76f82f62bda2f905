'use strict';

/**
 * V8's profiler, by a session of the inspector in this process. Each session has a profiler of its own, with its own interval: who
 * profiles as well, be it a debugger, is not disturbed, and disturbs nothing.
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
    throw profilerError('V8 cannot be asked for a profile: this Node.js was built without the inspector', error);
  }
}

/** One profile of V8's that is being made. */
class ProfilerSession {
  #session;

  /**
   * Begins it.
   *
   * @param {number} interval in milliseconds
   * @throws {Error} with code ERR_CONTEXT_PROFILER if V8 does not do it
   */
  constructor(interval) {
    const { Session } = loadInspector();
    this.#session = new Session();
    try {
      this.#session.connect();
      this.#post('Profiler.enable');
      this.#post('Profiler.setSamplingInterval', { interval: Math.round(interval * MICROSECONDS) });
      this.#post('Profiler.start');
      // V8's signals would wake a loop that waits, and have Node.js lose count of its waiting.
      core.holdIdleTime();
    } catch (error) {
      this.#session.disconnect();
      throw error;
    }
  }

  /**
   * Ends it.
   *
   * @returns {{ nodes: object[], startTime: number, endTime: number, samples: number[], timeDeltas: number[] }} what the inspector's
   *   protocol calls a Profile; times are microseconds
   * @throws {Error} with code ERR_CONTEXT_PROFILER if V8 does not give it
   */
  stop() {
    try {
      return this.#post('Profiler.stop').profile;
    } finally {
      this.#session.disconnect();
      core.releaseIdleTime();
    }
  }

  /** In a session with the own thread the answer is there at once. */
  #post(method, parameters) {
    let failure = new Error('there was no answer');
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
    throw profilerError(`V8's inspector did not do ${method}: ${failure.message}`, failure);
  }
}

module.exports = { ProfilerSession };
