'use strict';

/** Contexts of this thread that have ended and are still in memory, and what holds them. */

const { refuseElsewhere } = require('../../util/runtime');

refuseElsewhere('context/leaks', 'it reads heap snapshots as Node.js and V8 take them. Run it on Node.js.');

const { subscribe, unsubscribe } = require('node:diagnostics_channel');
const v8 = require('node:v8');

const { detach } = require('../../foundation');
const { invalidType, withCode } = require('../../util/errors');
const { EndedContexts } = require('./ended-contexts');
const { checkObject } = require('../options');
const { explainSnapshot, workLater } = require('./explain');

/** Published by every copy of the package when a context ends. */
const END = 'context.end';

/** By option of a query: its default, its least value and its unit. */
const AMOUNTS = {
  olderThan: [10_000, 0, 'milliseconds'],
  sample: [1000, 1, 'contexts'],
  maxHeap: [100_000_000, 0, 'bytes'],
};

/** The watch of this thread. */
let running;

/** Fills in defaults. @throws {TypeError | RangeError} with code ERR_INVALID_ARG_TYPE or ERR_OUT_OF_RANGE */
function checkQuery(options = {}) {
  checkObject(options);
  const checked = {};
  for (const [name, [standard, least, unit]] of Object.entries(AMOUNTS)) {
    const { [name]: value = standard } = options;
    if (typeof value !== 'number') throw invalidType(name, `a number of ${unit}`, value);
    if (!(value >= least)) {
      throw withCode(new RangeError(`${name} must be at least ${least} ${unit}, but it is ${value}`), 'ERR_OUT_OF_RANGE');
    }
    checked[name] = value;
  }
  return checked;
}

function checkHeap(maxHeap) {
  const { used_heap_size: used } = v8.getHeapStatistics();
  if (used <= maxHeap) return;
  const [has, most] = [used, maxHeap].map((bytes) => (bytes / 1e6).toFixed(1));
  const message =
    `The heap has ${has} MB, more than maxHeap, ${most} MB: explain() would block this thread for seconds and need several times ` +
    `that memory. Call writeSnapshot(file) and run npx context-leaks file elsewhere, or pass a larger maxHeap`;
  throw withCode(new Error(message), 'ERR_CONTEXT_LEAKS_HEAP');
}

/** Finds contexts that have ended and are still held. Created by `start`. */
class Leaks {
  #contexts;
  #onEnd;

  constructor(label) {
    const contexts = detach(() => new EndedContexts(label));
    this.#contexts = contexts;
    this.#onEnd = ({ context }) => {
      try {
        contexts.add(context);
      } catch {
        // The stack is full: there was no room for the call.
      }
    };
    subscribe(END, this.#onEnd);
  }

  /** Counts the contexts that ended some time ago and are still in memory. See index.d.ts, as for all methods. */
  ended(options) {
    return this.#contexts.groups(checkQuery(options).olderThan);
  }

  /** Finds what holds them, from a heap snapshot. Blocks the thread while V8 takes it. */
  async explain(options) {
    const query = checkQuery(options);
    checkHeap(query.maxHeap);
    if (this.#contexts.groups(query.olderThan).length === 0) return { groups: [] };
    const explain = async () => explainSnapshot(this.#contexts.mark(query, () => v8.getHeapSnapshot()));
    return detach(() => workLater(explain));
  }

  /** Writes a heap snapshot for the command context-leaks, with the label and age of each context. Returns the file. */
  writeSnapshot(file) {
    if (typeof file !== 'string' || file === '') throw invalidType('file', 'the path of a file', file);
    const all = { olderThan: 0, sample: Infinity };
    return detach(() => this.#contexts.mark(all, () => v8.writeHeapSnapshot(file)));
  }

  /** Stops watching. What has ended so far can still be asked for. Further calls do nothing. */
  stop() {
    if (running !== this) return;
    running = undefined;
    unsubscribe(END, this.#onEnd);
  }

  /** Stops watching at the end of a `using` block. */
  [Symbol.dispose ?? Symbol.for('nodejs.dispose')]() {
    this.stop();
  }
}

/**
 * Starts to note which contexts of this thread end. It holds none of them.
 * @param {{ label?: (context: Context) => string | undefined }} [options] see index.d.ts
 * @returns {Leaks}
 * @throws {TypeError} with code ERR_INVALID_ARG_TYPE for invalid options
 * @throws {Error} with code ERR_CONTEXT_LEAKS_RUNNING if this thread is already watched
 */
function start(options = {}) {
  checkObject(options);
  const { label } = options;
  if (label !== undefined && typeof label !== 'function')
    throw invalidType('label', 'a function that returns a string for a context', label);
  if (running !== undefined) {
    const message = 'context/leaks already runs in this thread: stop() it before you start again, or share its handle';
    throw withCode(new Error(message), 'ERR_CONTEXT_LEAKS_RUNNING');
  }
  running = new Leaks(label);
  return running;
}

module.exports = { start };
