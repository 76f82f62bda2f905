'use strict';

/** The compiled files: the places in them, and where these are in the files that the author wrote. */

const { readFileSync } = require('node:fs');
const { SourceMap } = require('node:module');
const path = require('node:path');

const { restore } = require('./compile');
const { toPath } = require('./places');

const URL_OF_MAP = /^[ \t]*\/\/[#@] sourceMappingURL=(\S+)[ \t]*$/gm;

/** The numbers of the places that the loader's thread of Node.js 20 compiles begin here. */
const OF_LOADER = 100_000_000;

function readMap(code, file) {
  const url = [...code.matchAll(URL_OF_MAP)].at(-1)?.[1];
  if (url === undefined) return undefined;
  try {
    const inline = /^data:application\/json[^,]*?(;base64)?,(.*)$/.exec(url);
    const text = inline
      ? Buffer.from(decodeURIComponent(inline[2]), inline[1] ? 'base64' : 'utf8').toString()
      : readFileSync(path.resolve(path.dirname(toPath(file)), url), 'utf8');
    return new SourceMap(JSON.parse(text));
  } catch {
    return undefined;
  }
}

class Units {
  #sites = new Map();
  #files = new Map();
  #next = 1;
  #receive;

  /** @param {() => object | undefined} receive returns the next unit that the loader's thread has compiled */
  constructor(receive = () => undefined) {
    this.#receive = receive;
  }

  /** The number of the next place. */
  get next() {
    return this.#next;
  }

  /** @param {object} unit what `compile` returned, with the file, the number of its first place, and the line it begins in */
  add({ file, code, first, sites, functions, lineOffset }) {
    sites.forEach((site, index) => this.#sites.set(first + index, { ...site, file }));
    this.#files.set(file, { code, functions, lineOffset, map: undefined, lines: undefined, known: new Map() });
    if (first < OF_LOADER) this.#next += sites.length;
  }

  #drained(file) {
    for (let unit = this.#receive(); unit !== undefined; unit = this.#receive()) this.add(unit);
    return this.#files.get(file);
  }

  /** The place of a number. */
  siteOf(number) {
    if (number >= OF_LOADER && !this.#sites.has(number)) this.#drained();
    return this.#sites.get(number) ?? { file: '', line: 0, column: 0 };
  }

  /** What a place of the source that was compiled is in the file that its author wrote. */
  authored({ file, line, column, ...rest }) {
    const known = this.#files.get(file);
    if (known === undefined) return { ...rest, file, line, column };
    known.map ??= readMap(known.code, file) ?? null;
    const entry = known.map?.findEntry(line - 1 - known.lineOffset, column - 1);
    if (entry?.originalSource === undefined) return { ...rest, file, line, column };
    const source = toPath(entry.originalSource);
    const original = path.isAbsolute(source) ? source : path.resolve(path.dirname(toPath(file)), source);
    return { ...rest, file: original, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  }

  /** The column of a call in the source that was compiled. */
  #columnOf(known, line, column) {
    known.lines ??= known.code.split('\n');
    const before = known.lines[line - 1 - known.lineOffset]?.slice(0, column - 1) ?? '';
    return restore(before).length + 1;
  }

  /** The place of the function that a call is in; undefined for one that was not compiled. */
  functionAt(file, line, column) {
    const known = this.#files.get(file) ?? this.#drained(file);
    if (known === undefined) return undefined;
    const key = line * 1_000_000 + column;
    if (!known.known.has(key)) known.known.set(key, this.#findFunction(known, line, this.#columnOf(known, line, column) - 1));
    return known.known.get(key);
  }

  #findFunction({ functions, lineOffset }, line, column) {
    const at = line - lineOffset;
    const isIn = ({ start, end }) =>
      (start.line < at || (start.line === at && start.column <= column)) &&
      (end.line > at || (end.line === at && end.column > column));
    return functions.findLast(isIn)?.site;
  }

  /** What the place of a call is there. */
  authoredCall(place) {
    const known = this.#files.get(place.file) ?? this.#drained(place.file);
    if (known === undefined) return place;
    return this.authored({ ...place, column: this.#columnOf(known, place.line, place.column) });
  }
}

module.exports = { OF_LOADER, Units };
