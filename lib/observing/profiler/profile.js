'use strict';

const { toKey } = require('../../foundation');
const { invalidType, withCode } = require('../../util/errors');
const { checkObject } = require('../options');
const { cpuProfileChunks, cpuProfileOf } = require('./cpu-profile');
const { pprofOf } = require('./pprof');

const MICROSECONDS = 1000;

/** V8's node for the idle loop. */
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

/** A finished profile, which keeps no objects of the program alive. */
class Profile {
  #data;
  #keys;

  /**
   * @param {object} data the result of `Samples.finish`, and
   * @param {(string | symbol)[]} data.keys of the labels
   * @param {number} data.interval between samples, in milliseconds
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

  /** When the profile began. */
  get startedAt() {
    return new Date(this.#data.startedAt);
  }

  /** In milliseconds. */
  get duration() {
    return (this.#data.end - this.#data.start) / MICROSECONDS;
  }

  /** Includes samples of the idle loop, and one added at the beginning of each long wait. */
  get sampleCount() {
    return this.#data.count;
  }

  /**
   * Breaks the busy time down by a label.
   * @param {string | symbol | number} label one of the profile's keys
   * @returns {{ value: string | undefined, samples: number, time: number, share: number }[]} a row per value, largest first;
   *   `undefined` is the row for code without the label. `time` is in milliseconds; the shares add up to 1
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if it is not a key, or ERR_INVALID_ARG_VALUE if it is not one of the
   *   profile's
   */
  by(label) {
    const key = toKey(label);
    const index = this.#keys.indexOf(key);
    if (index === -1) {
      const message = `label must be one of the profile's (${this.#data.names.join(', ')}), but it is '${String(key)}'`;
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

  /** Iterates over the samples, except those of the idle loop. */
  #forEach(callback) {
    const { count, end, idle, labels, labelSets, nodes, times } = this.#data;
    for (let index = 0; index < count; index++) {
      if (idle[nodes[index]]) continue;
      const next = index + 1 < count ? times[index + 1] : end;
      callback(nodes[index], labelSets[labels[index]], next - times[index]);
    }
  }

  /**
   * Creates a file for `go tool pprof`, speedscope, Pyroscope and others. Needs the package pprof-format.
   * @param {{ labelsAtRoot?: boolean }} [options] whether the labels are also the outermost calls of each stack
   * @returns {Buffer} compressed with gzip. Contains labels; omits idle time
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
   * @throws {Error} with code ERR_CONTEXT_PPROF if pprof-format is not installed
   */
  toPprof(options) {
    const { labelsAtRoot } = checkOutput(options);
    return pprofOf(this.#data, (callback) => this.#forEach(callback), labelsAtRoot);
  }

  /**
   * Creates the content of a `.cpuprofile` file for Chrome, VS Code and others.
   * @param {{ labelsAtRoot?: boolean }} [options] whether the labels are the outermost calls of each stack: the format has no
   *   other place for them
   * @returns {object} for JSON.stringify
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
   */
  toCpuProfile(options) {
    const { labelsAtRoot } = checkOutput(options);
    return cpuProfileOf(this.#data, labelsAtRoot);
  }

  /**
   * Generates the JSON of `toCpuProfile` in chunks, since that of a profile of many hours exceeds the maximum length of a
   * string.
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
