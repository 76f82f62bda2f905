'use strict';

/**
 * The watchdog as the application has it. What watches is a thread of the native core, one for the process (src/watchdog.h);
 * here it is told of this thread's loop, and tells of turns that are over.
 */

const { refuseOtherRuntimes } = require('../other-runtimes');

refuseOtherRuntimes('context/watchdog');

const { AsyncResource } = require('node:async_hooks');
const { channel } = require('node:diagnostics_channel');
const EventEmitter = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { threadId } = require('node:worker_threads');

const { core, observe } = require('../../foundation');
const { root } = require('../../util/bundle');
const { withCode } = require('../../util/errors');
const { reserveMuchStack } = require('../../util/stack');
const { checkOptions } = require('./options');

const { parse } = JSON;

const blockedChannel = channel('context.blocked');

const { O_APPEND, O_CREAT, O_NONBLOCK = 0, O_WRONLY } = fs.constants;

/** How a path is opened: it does not wait for a pipe to have a reader. */
const APPEND = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK;

/** The one that runs in this thread. */
let running;

/** The namespaces that it was told to watch. */
let watched; // eslint-disable-line no-unused-vars

/** The folder of this package's code. In a bundle it cannot be told from the program's. */
const library = root ? path.join(root, 'lib', path.sep) : '';

/** What the core writes to, which has a file descriptor of its own for it: a file descriptor, or -1 and an error. */
function open(destination) {
  try {
    if (typeof destination === 'string') return { fd: fs.openSync(destination, APPEND), isOpened: true };
    fs.fstatSync(destination);
    return { fd: destination, isOpened: false };
  } catch (error) {
    return { fd: -1, isOpened: false, error };
  }
}

/** Watches the event loop of this thread. Made by `start` alone. */
class Watchdog extends EventEmitter {
  #destination;
  #hasWarned = false;
  #stopObserving;

  /** @param {object} options that were checked */
  constructor({ destination, namespaces, ...options }) {
    super();
    this.#destination = destination;
    // They are kept, so that their slots stay theirs.
    watched = namespaces;
    const { fd, isOpened, error } = open(destination);
    try {
      this.#stopObserving = observe();
      this.#begin({
        __proto__: null,
        ...options,
        fd,
        library,
        process: process.pid,
        thread: threadId,
        // Listeners run in what is active now.
        onBlocked: AsyncResource.bind((...report) => this.#report(...report), 'context.watchdog'),
      });
    } catch (failure) {
      this.#stopObserving?.();
      watched = undefined;
      throw failure;
    } finally {
      if (isOpened) fs.closeSync(fd);
    }
    if (error !== undefined) this.#warn(error.message);
  }

  #begin(options) {
    if (core.startWatchdog(options)) return;
    const message =
      'The system has no thread to give, which would watch: it takes a higher limit of threads (ulimit -u, pids of a cgroup)';
    throw withCode(new Error(message), 'ERR_CONTEXT_WATCHDOG_THREAD');
  }

  /** Stops watching. Calling it again does nothing. */
  stop() {
    if (running !== this) return;
    reserveMuchStack();
    running = undefined;
    watched = undefined;
    try {
      core.stopWatchdog();
    } finally {
      this.#stopObserving();
    }
  }

  /** Stops watching, at the end of a block that is declared with `using`. */
  [Symbol.dispose ?? Symbol.for('nodejs.dispose')]() {
    this.stop();
  }

  /** The loop answers again. */
  #report(line, duration, cpu, errorNumber, stack) {
    if (errorNumber !== 0) this.#warn(`the system's error ${errorNumber}`);
    const { time, pid, thread, report, namespaces } = parse(`${line}}`);
    const blocked = {
      time,
      pid,
      thread,
      duration,
      cpu: cpu < 0 ? null : cpu,
      reports: report,
      namespaces,
      stack: parse(stack),
    };
    if (blockedChannel.hasSubscribers) blockedChannel.publish(blocked);
    this.emit('blocked', blocked);
  }

  #warn(reason) {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    process.emitWarning(
      `The watchdog cannot write to its destination ${this.#destination}: ${reason}. It goes on without: the event 'blocked' and ` +
        `the channel 'context.blocked' tell what was blocked when that is over.`,
      { type: 'ContextWarning', code: 'CONTEXT_WATCHDOG_DESTINATION' },
    );
  }
}

/**
 * Has the event loop of this thread watched, by a thread that needs no JavaScript: when a turn of the loop lasts too long, it
 * writes a line that says which contexts are active, while the loop is still blocked.
 *
 * @param {object} [options]
 * @param {number} [options.threshold] how long a turn may last, in milliseconds
 * @param {number} [options.interval] after how long it is reported again, in milliseconds; then each time after twice as long. As
 *   long as the threshold if it is not given
 * @param {number | string} [options.destination] a file descriptor, or the path of a file that is appended to
 * @param {boolean} [options.stack] whether the JavaScript stack is written too, as soon as V8 gives it
 * @param {(Namespace | string)[]} [options.namespaces] whose contexts are told; all if it is not given
 * @returns {Watchdog} an emitter of `blocked`, when the loop answers again
 * @throws {TypeError | RangeError} with code ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE or ERR_OUT_OF_RANGE for wrong options
 * @throws {Error} with code ERR_CONTEXT_WATCHDOG_RUNNING if this thread is watched already, ERR_CONTEXT_WATCHDOG_THREAD if the
 *   system has no thread to give
 */
function start(options) {
  const checked = checkOptions(options);
  if (running !== undefined) {
    const message = 'A watchdog runs in this thread already: stop() it before another one is started';
    throw withCode(new Error(message), 'ERR_CONTEXT_WATCHDOG_RUNNING');
  }
  reserveMuchStack();
  running = new Watchdog(checked);
  return running;
}

module.exports = { start };
