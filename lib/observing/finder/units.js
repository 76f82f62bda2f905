'use strict';

/** The compiled files: the places in them, and where these are in the files that the author wrote. */

const { readFileSync } = require('node:fs');
const { SourceMap } = require('node:module');
const path = require('node:path');

const { compile, orderOf, restore } = require('./compile');
const { APPLICATION, toPath } = require('./places');

const URL_OF_MAP = /^[ \t]*\/\/[#@] sourceMappingURL=(\S+)[ \t]*$/gm;

function readMap(code, file) {
  const url = [...code.matchAll(URL_OF_MAP)].at(-1)?.[1];
  if (url === undefined) return undefined;
  const [, base64, data] = /^data:application\/json[^,]*?(;base64)?,(.*)$/.exec(url) ?? [];
  try {
    const text = data
      ? Buffer.from(decodeURIComponent(data), base64 ? 'base64' : 'utf8')
      : readFileSync(path.resolve(path.dirname(toPath(file)), url));
    return new SourceMap(JSON.parse(text));
  } catch {
    return undefined;
  }
}

class Units {
  /** Files of the application that could not be compiled, and why. */
  failures = new Map();

  /** Returns the next unit that the loader's thread of Node.js 20 has compiled. */
  receive = () => undefined;

  #kindOf;
  #sites = new Map();
  #files = new Map();
  #next = 1;

  constructor({ kindOf }) {
    this.#kindOf = kindOf;
  }

  /** Compiles a source if it is the application's. Returns the source itself if it is not, or if that is impossible. */
  compile(source, file, { isModule, lineOffset = 0 }) {
    try {
      if (this.#kindOf(file) !== APPLICATION) return source;
      const unit = compile(source, { isModule, first: this.#next, lineOffset });
      this.#add({ ...unit, file, first: this.#next, lineOffset });
      this.#next += unit.sites.length;
      return unit.code;
    } catch (error) {
      this.failures.set(file, error.message);
      return source;
    }
  }

  #add({ file, first, sites, ...unit }) {
    sites.forEach((site, index) => this.#sites.set(first + index, { ...site, file }));
    this.#files.set(file, { ...unit, map: undefined, lines: undefined, known: new Map() });
  }

  /** Adds what the loader's thread has compiled meanwhile. */
  drain() {
    for (let unit = this.receive(); unit !== undefined; unit = this.receive()) {
      if (unit.error === undefined) this.#add(unit);
      else this.failures.set(unit.file, unit.error);
    }
  }

  #unitOf(file) {
    if (!this.#files.has(file)) this.drain();
    return this.#files.get(file);
  }

  /** The place of a number. */
  siteOf(number) {
    if (!this.#sites.has(number)) this.drain();
    return this.#sites.get(number) ?? { file: '', line: 0, column: 0, api: '' };
  }

  /** What a place of the source that was compiled is in the file that its author wrote. */
  authored(place) {
    const { file, line, column } = place;
    const unit = this.#unitOf(file);
    if (unit === undefined) return place;
    unit.map ??= readMap(unit.code, file) ?? null;
    const { originalSource, originalLine, originalColumn } = unit.map?.findEntry(line - 1 - unit.lineOffset, column - 1) ?? {};
    if (originalSource === undefined) return place;
    const source = path.resolve(path.dirname(toPath(file)), toPath(originalSource));
    return { ...place, file: source, line: originalLine + 1, column: originalColumn + 1 };
  }

  /** What the place of a call, which is in the code that runs, is there. */
  authoredCall(place) {
    const unit = this.#unitOf(place.file);
    return unit === undefined ? place : this.authored({ ...place, column: this.#columnOf(unit, place.line, place.column) });
  }

  /** The column of a call in the source that was compiled. */
  #columnOf(unit, line, column) {
    unit.lines ??= unit.code.split('\n');
    return restore(unit.lines[line - 1 - unit.lineOffset]?.slice(0, column - 1) ?? '').length + 1;
  }

  /** The place of the function that a call is in; undefined for one that was not compiled. */
  functionAt(file, line, column) {
    const unit = this.#unitOf(file);
    if (unit === undefined) return undefined;
    const { functions, known, lineOffset } = unit;
    const call = orderOf({ line, column });
    if (!known.has(call)) {
      const at = orderOf({ line: line - lineOffset, column: this.#columnOf(unit, line, column) - 1 });
      known.set(call, functions.findLast(({ start, end }) => start <= at && at < end)?.site);
    }
    return known.get(call);
  }
}

module.exports = { Units };
