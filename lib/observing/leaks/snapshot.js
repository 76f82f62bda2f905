'use strict';

/**
 * Reads a heap snapshot as it arrives: numbers go into typed arrays, strings stay bytes.
 *
 * Written by hand, because nothing else is small enough. `JSON.parse` can't read a text beyond the maximum length of a string,
 * and needs several times the memory of the heap in question; libraries that read snapshots create an object for each node, and
 * take about seven times as long.
 */

const { setImmediate: nextTurn } = require('node:timers/promises');

const { withCode } = require('../../util/errors');
const { Graph } = require('./graph');
const { Strings } = require('./strings');

const [OPENING, CLOSING, ZERO, NINE] = Buffer.from('[]09');

/** For how long reading may block the loop, in milliseconds. */
const SLICE = 10;

/** The most bytes before the first section, which describe the format. */
const LONGEST_HEAD = 100_000;

const SECTION = /"(\w+)"\s*:\s*\[$/;

function invalid(reason) {
  const message = `This is not a complete heap snapshot: ${reason}. Pass a file that writeSnapshot() has finished writing`;
  return withCode(new Error(message), 'ERR_CONTEXT_LEAKS_SNAPSHOT');
}

/** A section of numbers: records of some fields. Fields without an array are skipped. */
class Records {
  #columns;
  #count;
  #field = 0;
  #record = 0;
  #number = -1;
  #depth = 1;

  /**
   * @param {string[]} fields
   * @param {number} count how many records there are
   * @param {Record<string, TypedArray>} columns by field
   */
  constructor(fields, count, columns) {
    this.#columns = fields.map((field) => columns[field]);
    this.#count = count;
  }

  /** Reads numbers up to the end of the section or chunk. Returns where it stopped; past the chunk if the section goes on. */
  read(chunk, from) {
    let number = this.#number;
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte >= ZERO && byte <= NINE) {
        number = (number < 0 ? 0 : number * 10) + byte - ZERO;
        continue;
      }
      if (number >= 0) this.#add(number);
      number = -1;
      if (byte === OPENING) this.#depth++;
      else if (byte === CLOSING && --this.#depth === 0) return at + 1;
    }
    this.#number = number;
    return chunk.length + 1;
  }

  #add(number) {
    const column = this.#columns[this.#field];
    if (column !== undefined) column[this.#record] = number;
    if (++this.#field < this.#columns.length) return;
    this.#field = 0;
    this.#record++;
  }

  check(name) {
    if (this.#record < this.#count) throw invalid(`it has ${this.#record} of ${this.#count} ${name}`);
  }
}

/** The format: which fields a record has, and how many records there are. */
function parseHead(text) {
  try {
    const { snapshot } = JSON.parse(`${text.slice(0, text.lastIndexOf('"nodes"')).trimEnd().replace(/,$/, '')}}`);
    const { meta, node_count: nodeCount, edge_count: edgeCount } = snapshot;
    return { meta, nodeCount, edgeCount, nodeTypes: meta.node_types[0], edgeTypes: meta.edge_types[0] };
  } catch {
    throw invalid('it does not begin like one');
  }
}

/** The parts of a snapshot that are of use here. */
class Sections {
  #head;
  #sections;
  #strings = new Strings();

  constructor(text) {
    this.#head = parseHead(text);
    const { meta, nodeCount, edgeCount } = this.#head;
    this.nodes = { type: new Uint8Array(nodeCount), name: new Uint32Array(nodeCount), edge_count: new Uint32Array(nodeCount) };
    this.edges = {
      type: new Uint8Array(edgeCount),
      name_or_index: new Uint32Array(edgeCount),
      to_node: new Uint32Array(edgeCount),
    };
    this.locations = { object_index: [], line: [], column: [] };
    this.#sections = {
      __proto__: null,
      nodes: new Records(meta.node_fields, nodeCount, this.nodes),
      edges: new Records(meta.edge_fields, edgeCount, this.edges),
      locations: new Records(meta.location_fields ?? [], 0, this.locations),
      strings: this.#strings,
    };
  }

  find(name) {
    return this.#sections[name] ?? new Records([name], 0, {});
  }

  /** @throws {Error} if something is missing */
  toGraph() {
    this.#sections.nodes.check('nodes');
    this.#sections.edges.check('edges');
    if (!this.#strings.isComplete) throw invalid('its strings are missing');
    return new Graph(this.#head, this.nodes, this.edges, this.locations, this.#strings);
  }
}

/**
 * Reads a heap snapshot. Other callbacks get turns of the loop meanwhile.
 * @param {AsyncIterable<Buffer>} stream
 * @returns {Promise<Graph>}
 * @throws {Error} with code ERR_CONTEXT_LEAKS_SNAPSHOT if it is something else, or not complete
 */
async function readSnapshot(stream) {
  let sections;
  let section;
  let head = '';
  let since = performance.now();
  for await (const chunk of stream) {
    let at = 0;
    while (at < chunk.length) {
      if (section !== undefined) {
        at = section.read(chunk, at);
        if (at <= chunk.length) section = undefined;
        continue;
      }
      const opening = chunk.indexOf(OPENING, at);
      const next = opening === -1 ? chunk.length : opening + 1;
      head += chunk.latin1Slice(at, next);
      at = next;
      if (head.length > LONGEST_HEAD) throw invalid('it does not begin like one');
      const [, name] = SECTION.exec(head) ?? [];
      if (opening === -1 || name === undefined || (sections === undefined && name !== 'nodes')) continue;
      sections ??= new Sections(head);
      section = sections.find(name);
      head = '';
    }
    if (performance.now() - since < SLICE) continue;
    await nextTurn();
    since = performance.now();
  }
  if (sections === undefined) throw invalid('it does not begin like one');
  return sections.toGraph();
}

module.exports = { readSnapshot };
