'use strict';

/** The usage of this thread's event loop, by context and by the value of a key. */

const { refuseOtherRuntimes } = require('../other-runtimes');

refuseOtherRuntimes('context/usage');

const { channel } = require('node:diagnostics_channel');

const { detach, isContext, observerStateOf, serialOf, slotOf, toKey } = require('../../foundation');
const { invalidType, withCode } = require('../../util/errors');
const { reserveMuchStack } = require('../stack');
const { refreshMeter, startMeter, stopMeter } = require('./meter');
const { checkOptions } = require('./options');
const { displayed } = require('./rows');

const usageChannel = channel('context.usage');

/** The usage of this thread that is being measured. */
let running;

/** Rounds milliseconds to the clock's resolution. Adding 0 turns -0 into 0. */
const rounded = (time) => Math.round(time * 1000) / 1000 + 0;

/** The usage of a context that did not run. */
const NONE = { __proto__: null, loopTime: 0, selfTime: 0, cpuTime: 0, gcTime: 0, callbacks: 0, longest: 0 };

/** Measures who uses the event loop of this thread. Created by `start`. */
class Usage {
  #meter;
  #keys;
  #timer;

  constructor({ every, ...options }) {
    this.#keys = options.keys;
    this.#meter = startMeter(options);
    if (every !== undefined) this.#timer = detach(() => setInterval(() => this.#publish(), every).unref());
  }

  /** The keys that rows are kept for. */
  get keys() {
    const keys = [];
    for (let index = 0; index < this.#keys.length; index++) keys[index] = this.#keys[index];
    return keys;
  }

  /** How long it has measured, in milliseconds: the sum of the rows. */
  get wallTime() {
    this.#refresh();
    return rounded(this.#meter.end - this.#meter.begin);
  }

  /**
   * Returns the usage of a context so far.
   * @param {Context} context
   * @returns {object} `loopTime`, `selfTime`, `cpuTime`, `gcTime` and `longest` in milliseconds, and `callbacks`; all 0 if the
   *   context did not run while measuring; `cpuTime` is null if the platform does not report it
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if it is not a context; ERR_INVALID_ARG_VALUE for a default context, or
   *   one of a namespace that is not measured
   */
  of(context) {
    if (!isContext(context)) throw invalidType('context', 'a context', context);
    this.#checkCounted(context);
    this.#refresh();
    const { usage } = observerStateOf(context);
    const { loopTime, selfTime, cpuTime, gcTime, callbacks, longest } = usage?.meter === this.#meter ? usage : NONE;
    return {
      loopTime: rounded(loopTime),
      selfTime: rounded(selfTime),
      cpuTime: this.#meter.hasCpu ? rounded(cpuTime) : null,
      gcTime: rounded(gcTime ?? 0),
      callbacks,
      longest: rounded(longest),
    };
  }

  /**
   * Breaks the usage down by a key: a row per value, largest first, then rows for the rest, code outside contexts, garbage
   * collection and idle time. Their times add up to `wallTime`.
   * @param {string | symbol | number} key one of the option `keys`
   * @returns {object[]} for `console.table`; times in milliseconds
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if it can't be a key; ERR_INVALID_ARG_VALUE if it is not one of `keys`
   */
  by(key) {
    const name = toKey(key);
    const { rows: allRows } = this.#meter;
    let index = 0;
    while (index < allRows.length && allRows[index].key !== name) index++;
    if (index === allRows.length) {
      const message = `There are no rows for the key '${String(name)}': add it to the option keys of start()`;
      throw withCode(new TypeError(message), 'ERR_INVALID_ARG_VALUE');
    }
    this.#refresh();
    const { rows, unset, rest } = allRows[index].totals();
    const result = [];
    for (let at = 0; at < rows.length; at++) result[at] = this.#format('value', rows[at], displayed(rows[at].id));
    if (rest.accounts > 0) result[result.length] = this.#format('rest', rest);
    if (unset.accounts > 0) result[result.length] = this.#format('not set', unset);
    return this.#addOthers(result);
  }

  /** Stops measuring; the results stay available. Further calls do nothing. */
  stop() {
    if (running !== this) return;
    reserveMuchStack();
    clearInterval(this.#timer);
    try {
      stopMeter();
    } finally {
      // A getter may have stopped this usage, and another one may run.
      if (running === this) running = undefined;
    }
    this.#publish();
  }

  /** Stops measuring at the end of a `using` block. */
  [Symbol.dispose ?? Symbol.for('nodejs.dispose')]() {
    this.stop();
  }

  #refresh() {
    if (running === this) refreshMeter();
  }

  #publish() {
    if (usageChannel.hasSubscribers) usageChannel.publish({ usage: this });
  }

  #checkCounted(context) {
    const { namespace } = context;
    let message;
    if (serialOf(context) === 0) {
      message = `The default context of the namespace '${namespace.name}' is not measured: its time is in the row 'no context'`;
    } else if (this.#meter.slots !== undefined && !this.#meter.slots.includes(slotOf(namespace))) {
      message = `The namespace '${namespace.name}' is not measured: add it to the option namespaces of start()`;
    }
    if (message !== undefined) throw withCode(new TypeError(message), 'ERR_INVALID_ARG_VALUE');
  }

  /** Adds the rows for time outside contexts. */
  #addOthers(result) {
    const { collectionCpu, collectionTime, idleTime, outside } = this.#meter;
    const none = { callbacks: 0, gc: 0, longest: 0 };
    result[result.length] = this.#format('no context', {
      ...none,
      time: outside.attributedTime,
      cpu: outside.attributedCpu,
      gc: outside.attributedCollections ?? 0,
    });
    const collection = { ...none, time: collectionTime, cpu: collectionCpu };
    result[result.length] = this.#format('garbage collection', collection);
    result[result.length] = this.#format('idle', { ...none, time: idleTime, cpu: 0 });
    return result;
  }

  #format(kind, { time, cpu, callbacks, gc, longest }, row = kind) {
    const { begin, end, hasCpu } = this.#meter;
    return {
      row,
      kind,
      loopTime: rounded(time),
      share: end > begin ? Math.round((1e4 * time) / (end - begin)) / 1e4 + 0 : 0,
      cpuTime: hasCpu ? rounded(cpu) : null,
      gcTime: rounded(gc),
      callbacks,
      longest: rounded(longest),
    };
  }
}

/**
 * Starts measuring who uses the event loop of this thread: each context, and each value of some keys.
 * @param {object} [options]
 * @param {(Namespace | string)[]} [options.namespaces] whose contexts are measured; all by default
 * @param {(string | symbol | number)[]} [options.keys] for the rows of `by`; at most 16
 * @param {number} [options.maxRows] how many values of a key get rows of their own: those with the most time; 1,000 by default
 * @param {number} [options.every] how often the channel `context.usage` publishes, in milliseconds; by default only on
 *   `stop`
 * @returns {Usage}
 * @throws {TypeError | RangeError} with code ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE or ERR_OUT_OF_RANGE for invalid
 *   options
 * @throws {Error} with code ERR_CONTEXT_USAGE_RUNNING if this thread is already measured
 */
function start(options) {
  const checked = checkOptions(options);
  if (running !== undefined) {
    const message = 'The usage of this thread is already being measured: stop() it before you start again, or share its handle';
    throw withCode(new Error(message), 'ERR_CONTEXT_USAGE_RUNNING');
  }
  reserveMuchStack();
  running = new Usage(checked);
  return running;
}

module.exports = { start };
