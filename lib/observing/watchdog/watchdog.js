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
const { threadId } = require('node:worker_threads');

const { core, observe } = require('../../foundation');
const { withCode } = require('../../util/errors');
const { reserveMuchStack } = require('../../util/stack');
const { checkOptions } = require('./options');
const { isOfApplication, stackOutside, toJson } = require('./stack');

const { parse } = JSON;
const { setPrototypeOf } = Object;
const { prototype: arrayPrototype } = Array;

const blockedChannel = channel('context.blocked');

const { O_APPEND, O_CREAT, O_NONBLOCK = 0, O_WRONLY } = fs.constants;

/** How a path is opened: it does not wait for a pipe to have a reader. */
const APPEND = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK;

/** How often the stack is asked for until it shows code of the application's. */
const STACK_TRIES = 50;

/** The one that runs in this thread. */
let running;

/** The namespaces that it was told to watch. */
let watched; // eslint-disable-line no-unused-vars

/** Whether a debugger may pause this thread. */
function makeIsInspected() {
  try {
    const inspector = require('node:inspector');
    return () => inspector.url() !== undefined;
  } catch {
    // This Node.js was built without it.
    return () => false;
  }
}

/** What the core writes to: a file descriptor, or -1 and an error. */
function open(destination) {
  try {
    if (typeof destination === 'string') return { fd: fs.openSync(destination, APPEND), isOwn: true };
    fs.fstatSync(destination);
    return { fd: destination, isOwn: false };
  } catch (error) {
    return { fd: -1, isOwn: false, error };
  }
}

/** Watches the event loop of this thread. Made by `start` alone. */
class Watchdog extends EventEmitter {
  #destination;
  #fd = -1;
  #isOwn = false;
  #hasWarned = false;
  #stack = null;
  #stackTries = 0;
  #stopObserving;

  /** @param {object} options that were checked */
  constructor({ destination, namespaces, ...options }) {
    super();
    this.#destination = destination;
    // They are kept, so that their slots stay theirs.
    watched = namespaces;
    const { fd, isOwn, error } = open(destination);
    this.#fd = fd;
    this.#isOwn = isOwn;
    const captureStack = () => {
      this.#stack = stackOutside(captureStack) ?? null;
      // Between two microtasks there is none of the application's: another moment will tell more.
      if (this.#stack !== null && !isOfApplication(this.#stack) && ++this.#stackTries < STACK_TRIES) return undefined;
      this.#stackTries = 0;
      return this.#stack === null ? 'null' : toJson(this.#stack);
    };
    try {
      this.#stopObserving = observe();
      this.#begin({
        __proto__: null,
        ...options,
        fd,
        process: process.pid,
        thread: threadId,
        // Listeners run in what is active now.
        onBlocked: AsyncResource.bind((...told) => this.#tell(...told), 'context.watchdog'),
        captureStack,
        isInspected: makeIsInspected(),
      });
    } catch (failure) {
      this.#stopObserving?.();
      this.#release();
      throw failure;
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
    core.stopWatchdog();
    this.#release();
    this.#stopObserving();
  }

  #release() {
    watched = undefined;
    if (this.#isOwn) fs.closeSync(this.#fd);
  }

  /** Stops watching, at the end of a block that is declared with `using`. */
  [Symbol.dispose ?? Symbol.for('nodejs.dispose')]() {
    this.stop();
  }

  /** The loop answers again. */
  #tell(line, duration, cpu, errorNumber) {
    const stack = this.#stack === null ? null : setPrototypeOf(this.#stack, arrayPrototype);
    this.#stack = null;
    this.#stackTries = 0;
    if (errorNumber !== 0) this.#warn(`the system's error ${errorNumber}`);
    const { time, pid, thread, report, namespaces } = parse(`${line}}`);
    const blocked = { time, pid, thread, duration, cpu: cpu < 0 ? null : cpu, reports: report, namespaces, stack };
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
