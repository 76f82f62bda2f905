'use strict';

const { toKey } = require('../../foundation');
const { invalidType, withCode } = require('../../util/errors');
const { checkObject } = require('../options');
const { cpuProfileChunks, cpuProfileOf } = require('./cpu-profile');
const { pprofOf } = require('./pprof');

const MICROSECONDS = 1000;

/** What takes no time of the program's: the loop waits. */
const IDLE = '(idle)';

function nameOf(key) {
  return typeof key === 'symbol' ? (key.description ?? '') : key;
}

/** The options of an output. */
function checkOutput(options = {}) {
  checkObject(options);
  const { labelsAtRoot = false } = options;
  if (typeof labelsAtRoot !== 'boolean') throw invalidType('labelsAtRoot', 'a boolean', labelsAtRoot);
  return { labelsAtRoot };
}

/** A profile that is complete. It keeps nothing of the program's. */
class Profile {
  #data;
  #keys;

  /**
   * @param {object} data what `finish` of Samples tells, and
   * @param {(string | symbol)[]} data.keys of the labels
   * @param {number} data.interval between two samples, in milliseconds
   * @param {number} data.startedAt in milliseconds since 1970
   * @param {number} data.start in microseconds of V8's clock
   * @param {number} data.end
   */
  constructor({ keys, ...data }) {
    this.#keys = keys;
    const parents = Array.from(data.parents);
    const frames = Array.from(data.frames);
    const labelSets = Array.from(data.labelSets, (texts) => Array.from(texts));
    const idle = parents.map((parent, node) => parent === 0 && frames[node].functionName === IDLE);
    this.#data = { ...data, parents, frames, labelSets, idle, names: keys.map(nameOf) };
  }

  /** When it began. */
  get startedAt() {
    return new Date(this.#data.startedAt);
  }

  /** How long it lasted, in milliseconds. */
  get duration() {
    return (this.#data.end - this.#data.start) / MICROSECONDS;
  }

  /** How many samples there are, those included in which the loop waited, and one that is added for the beginning of a long wait. */
  get sampleCount() {
    return this.#data.count;
  }

  /**
   * Tells who took the time in which the loop did not wait.
   *
   * @param {string | symbol | number} label one of the keys that the profile was started with
   * @returns {{ value: string | undefined, samples: number, time: number, share: number }[]} a row for each value, and one with
   *   `undefined` for what ran where it was not set; the largest first. `time` is in milliseconds; the shares add up to 1
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if it is no key, or ERR_INVALID_ARG_VALUE if it is none of the profile's
   */
  by(label) {
    const key = toKey(label);
    const index = this.#keys.indexOf(key);
    if (index === -1) {
      const message = `label must be one of those of the profile (${this.#data.names.join(', ')}), but it is '${String(key)}'`;
      throw withCode(new TypeError(message), 'ERR_INVALID_ARG_VALUE');
    }
    const rows = new Map();
    let total = 0;
    this.#forEach((node, labels, time) => {
      const value = labels[index];
      const row = rows.get(value);
      if (row === undefined) rows.set(value, { value, samples: 1, time, share: 0 });
      else {
        row.samples++;
        row.time += time;
      }
      total += time;
    });
    for (const row of rows.values()) {
      row.share = row.time / total || 0;
      row.time /= MICROSECONDS;
    }
    return [...rows.values()].sort((one, other) => other.time - one.time);
  }

  /** Calls a function for each sample but those in which the loop waited. */
  #forEach(callback) {
    const { count, end, idle, labels, labelSets, nodes, times } = this.#data;
    for (let index = 0; index < count; index++) {
      if (idle[nodes[index]]) continue;
      const next = index + 1 < count ? times[index + 1] : end;
      callback(nodes[index], labelSets[labels[index]], next - times[index]);
    }
  }

  /**
   * Makes a file for `go tool pprof`, speedscope, Pyroscope and others. It takes the package pprof-format.
   *
   * @param {{ labelsAtRoot?: boolean }} [options] whether the labels are the first calls of each stack too
   * @returns {Buffer} compressed by gzip. What ran has its labels; times at which the loop waited are not in it
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
   * @throws {Error} with code ERR_CONTEXT_PPROF if pprof-format is not installed
   */
  toPprof(options) {
    const { labelsAtRoot } = checkOutput(options);
    return pprofOf(this.#data, (callback) => this.#forEach(callback), labelsAtRoot);
  }

  /**
   * Makes what Chrome, VS Code and others open as a file `.cpuprofile`.
   *
   * @param {{ labelsAtRoot?: boolean }} [options] whether the labels are the first calls of each stack: the format has no others
   * @returns {object} for JSON.stringify
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
   */
  toCpuProfile(options) {
    const { labelsAtRoot } = checkOutput(options);
    return cpuProfileOf(this.#data, labelsAtRoot);
  }

  /**
   * Makes the JSON of `toCpuProfile` in pieces, to be written one after the other. A profile of many hours is longer than a string may be.
   *
   * @param {{ labelsAtRoot?: boolean }} [options]
   * @returns {Iterable<string>}
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
   */
  cpuProfileChunks(options) {
    const { labelsAtRoot } = checkOutput(options);
    return cpuProfileChunks(this.#data, labelsAtRoot);
  }
}

module.exports = { Profile };
