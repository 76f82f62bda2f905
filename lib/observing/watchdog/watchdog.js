'use strict';

/**
 * The JavaScript side of the watchdog. A native thread watches, one per process (src/watchdog.h); this registers the thread's
 * loop with it and publishes blocked turns once they are over.
 */

const { refuseOtherRuntimes } = require('../other-runtimes');

refuseOtherRuntimes('context/watchdog');

const { AsyncResource } = require('node:async_hooks');
const { channel } = require('node:diagnostics_channel');
const EventEmitter = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { getSystemErrorName } = require('node:util');
const { threadId } = require('node:worker_threads');

const { core, isContext } = require('../../foundation');
const { root } = require('../../util/bundle');
const { invalidType, withCode } = require('../../util/errors');
const { reserveMuchStack } = require('../stack');
const { checkOptions } = require('./options');
const { Reports } = require('./reports');
const { Sampled } = require('./sampled');

const blockedChannel = channel('context.blocked');

const { O_APPEND, O_CREAT, O_NONBLOCK = 0, O_WRONLY } = fs.constants;

/** Opening must not wait for a pipe to have a reader. */
const APPEND = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK;

/** The watchdog of this thread. */
let running;

/** Keeps the namespaces, and thereby their slots, alive. */
let watched; // eslint-disable-line no-unused-vars

/** The folder of this package's code; unknown in a bundle. */
const library = root ? path.join(root, 'lib', path.sep) : '';

/** Opens the destination; the core duplicates the descriptor. Returns -1 and an error on failure. */
function open(destination) {
  try {
    if (typeof destination === 'string') return { fd: fs.openSync(destination, APPEND), isOpened: true };
    fs.fstatSync(destination);
    return { fd: destination, isOpened: false };
  } catch (error) {
    return { fd: -1, isOpened: false, error };
  }
}

/** Watches the event loop of this thread. Created by `start`. */
class Watchdog extends EventEmitter {
  #destination;
  #hasWarned = false;
  #reports;
  #sampled;

  constructor({ destination, namespaces, ...options }) {
    super();
    this.#destination = destination;
    // Keeps their slots allocated.
    watched = namespaces;
    const { fd, isOpened, error } = open(destination);
    try {
      this.#sampled = new Sampled();
      this.#reports = new Reports(this.#sampled);
      this.#begin({
        __proto__: null,
        ...options,
        fd,
        library,
        process: process.pid,
        thread: threadId,
        // Listeners run in the contexts that are active now.
        onBlocked: AsyncResource.bind((turn) => this.#report(turn), 'context.watchdog'),
      });
    } catch (failure) {
      this.#sampled?.stop();
      watched = undefined;
      throw failure;
    } finally {
      if (isOpened) fs.closeSync(fd);
    }
    if (error !== undefined) this.#warn(error.message);
  }

  #begin(options) {
    if (core.startWatchdog(options)) return;
    const message = 'The watchdog thread could not be created: raise the limit on threads (ulimit -u, pids of a cgroup)';
    throw withCode(new Error(message), 'ERR_CONTEXT_WATCHDOG_THREAD');
  }

  /** Stops watching. Further calls do nothing. */
  stop() {
    if (running !== this) return;
    reserveMuchStack();
    running = undefined;
    watched = undefined;
    try {
      core.stopWatchdog();
    } finally {
      this.#sampled.stop();
    }
  }

  /** Stops watching at the end of a `using` block. */
  [Symbol.dispose ?? Symbol.for('nodejs.dispose')]() {
    this.stop();
  }

  /**
   * Returns the reports of turns in which a context, or one that it encloses, had a share.
   * @param {Context} context
   * @returns {object[]} the arguments of `blocked`, the latest last; at most 100. If the current turn was reported, its report so far
   *   is included, before `blocked` is emitted
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if it is not a context
   */
  reportsOf(context) {
    if (!isContext(context)) throw invalidType('context', 'a context', context);
    return this.#reports.of(context, running === this ? core.currentBlock() : undefined);
  }

  /** Publishes a blocked turn that is over. */
  #report(turn) {
    const { 3: errorNumber } = turn;
    if (errorNumber !== 0) this.#warn(`the system's error ${getSystemErrorName(-errorNumber)}`);
    const blocked = this.#reports.add(turn);
    if (blockedChannel.hasSubscribers) blockedChannel.publish(blocked);
    this.emit('blocked', blocked);
  }

  #warn(reason) {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    process.emitWarning(
      `The watchdog cannot write to its destination ${this.#destination}: ${reason}. It continues without it: the event ` +
        `'blocked' and the channel 'context.blocked' report each block once it is over.`,
      { type: 'ContextWarning', code: 'CONTEXT_WATCHDOG_DESTINATION' },
    );
  }
}

/**
 * Watches the event loop of this thread from a native thread that needs no JavaScript. When a turn of the loop is too long,
 * it writes a line with the active contexts while the loop is still blocked.
 * @param {object} [options]
 * @param {number} [options.threshold] the longest acceptable turn, in milliseconds
 * @param {number} [options.every] the time until the next report of the same turn, in milliseconds, doubled each time; the
 *   threshold by default
 * @param {number | string} [options.destination] a file descriptor, or the path of a file to append to
 * @param {boolean} [options.stack] whether to write the JavaScript stack as well, as soon as V8 provides it
 * @param {(Namespace | string)[]} [options.namespaces] whose contexts are reported; all by default
 * @returns {Watchdog} emits `blocked` when the loop responds again
 * @throws {TypeError | RangeError} with code ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE or ERR_OUT_OF_RANGE for invalid
 *   options
 * @throws {Error} with code ERR_CONTEXT_WATCHDOG_RUNNING if this thread is already watched, or ERR_CONTEXT_WATCHDOG_THREAD if
 *   the thread can't be created
 */
function start(options) {
  const checked = checkOptions(options);
  if (running !== undefined) {
    const message = 'A watchdog already runs in this thread: stop() it before you start another one';
    throw withCode(new Error(message), 'ERR_CONTEXT_WATCHDOG_RUNNING');
  }
  reserveMuchStack();
  running = new Watchdog(checked);
  return running;
}

module.exports = { start };
