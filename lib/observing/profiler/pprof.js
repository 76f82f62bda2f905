'use strict';

const { createRequire } = require('node:module');
const path = require('node:path');
const { fileURLToPath } = require('node:url');
const { gzipSync } = require('node:zlib');

const { isBundled } = require('../../util/bundle');
const { withCode } = require('../../util/errors');

const NANOSECONDS = 1000;

/** Stands for an empty text: readers drop a label without text. */
const EMPTY = '(empty)';

/**
 * Avoids a plain `require`, since bundlers would warn about the optional package. In a bundle, it is resolved from the program.
 */
function loadFormat() {
  try {
    return createRequire(isBundled ? path.resolve(process.argv[1] ?? 'program') : __filename)('pprof-format');
  } catch (cause) {
    const message = 'toPprof() needs the package pprof-format: npm install pprof-format';
    throw withCode(new Error(message, { cause }), 'ERR_CONTEXT_PPROF');
  }
}

function fileOf({ url }) {
  if (!url.startsWith('file:')) return url;
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}

/** The string, function and location tables of a file. */
class Tables {
  #format;
  #functions = new Map();
  function = [];
  location = [];
  strings;

  constructor(format) {
    this.#format = format;
    this.strings = new format.StringTable();
  }

  /** The location of a function. V8 reports no line per sample, so each function has one location. */
  locationOf(name, filename, line) {
    const key = `${line} ${filename} ${name}`;
    let id = this.#functions.get(key);
    if (id === undefined) {
      const { Function, Line, Location } = this.#format;
      id = this.function.length + 1;
      const text = this.strings.dedup(name);
      const file = this.strings.dedup(filename);
      this.function.push(new Function({ id, name: text, systemName: text, filename: file, startLine: line }));
      this.location.push(new Location({ id, line: [new Line({ functionId: id, line })] }));
      this.#functions.set(key, id);
    }
    return id;
  }
}

/** Sums samples with equal stacks and labels. */
function addUp(forEach) {
  const sums = new Map();
  forEach((node, labels, time) => {
    let byNode = sums.get(labels);
    if (byNode === undefined) sums.set(labels, (byNode = new Map()));
    const sum = byNode.get(node);
    if (sum === undefined) byNode.set(node, { count: 1, time });
    else {
      sum.count++;
      sum.time += time;
    }
  });
  return sums;
}

/**
 * Creates a profile in the pprof format.
 * @param {object} data of the profile
 * @param {(callback: (node: number, labels: (string | undefined)[], time: number) => void) => void} forEach iterates over the
 *   samples
 * @param {boolean} labelsAtRoot
 * @returns {Buffer} compressed
 * @throws {Error} with code ERR_CONTEXT_PPROF if pprof-format is not installed
 */
function pprofOf({ parents, frames, names, interval, startedAt, start, end }, forEach, labelsAtRoot) {
  const format = loadFormat();
  const { Label, Profile, Sample, ValueType } = format;
  const tables = new Tables(format);
  const { strings } = tables;
  const type = (name, unit) => new ValueType({ type: strings.dedup(name), unit: strings.dedup(unit) });

  /** Innermost call first. */
  const stackOf = (node, labels) => {
    const stack = [];
    for (let at = node; at > 0; at = parents[at]) {
      const frame = frames[at];
      stack.push(tables.locationOf(frame.functionName || '(anonymous)', fileOf(frame), Math.max(0, frame.lineNumber + 1)));
    }
    if (!labelsAtRoot) return stack;
    for (let index = labels.length - 1; index >= 0; index--) {
      if (labels[index] !== undefined) stack.push(tables.locationOf(`${names[index]}: ${labels[index]}`, '', 0));
    }
    return stack;
  };

  const labelsOf = (labels) =>
    labels
      .map((value, index) => ({ key: names[index], value }))
      .filter(({ value }) => value !== undefined)
      .map(({ key, value }) => new Label({ key: strings.dedup(key), str: strings.dedup(value === '' ? EMPTY : value) }));

  const sample = [];
  addUp(forEach).forEach((byNode, labels) => {
    const label = labelsOf(labels);
    byNode.forEach(({ count, time }, node) => {
      sample.push(new Sample({ locationId: stackOf(node, labels), value: [count, Math.round(time * NANOSECONDS)], label }));
    });
  });
  const profile = new Profile({
    sampleType: [type('samples', 'count'), type('time', 'nanoseconds')],
    sample,
    location: tables.location,
    function: tables.function,
    stringTable: strings,
    timeNanos: BigInt(startedAt) * 1_000_000n,
    durationNanos: Math.round((end - start) * NANOSECONDS),
    periodType: type('time', 'nanoseconds'),
    period: Math.round(interval * 1e6),
  });
  return gzipSync(profile.encode());
}

module.exports = { pprofOf };
