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

/** How many milliseconds reading may block the loop, and how many bytes may describe the format, before the first section. */
const SLICE = 10;
const LONGEST_HEAD = 100_000;

const SECTION = /"(\w+)"\s*:\s*\[$/;

function invalid(reason = 'it does not begin like one') {
  const message = `This is not a complete heap snapshot: ${reason}. Pass a file that writeSnapshot() has finished writing`;
  return withCode(new Error(message), 'ERR_CONTEXT_LEAKS_SNAPSHOT');
}

/** A section of numbers: records of some fields, each of which has an array, or is skipped. */
class Numbers {
  #columns;
  #field = 0;
  #number = -1;
  #depth = 1;
  count = 0;

  constructor(columns) {
    this.#columns = columns;
  }

  /** Reads up to the end of the section or chunk. Returns where it stopped: beyond the chunk if the section goes on. */
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
    if (column !== undefined) column[this.count] = number;
    if (++this.#field < this.#columns.length) return;
    this.#field = 0;
    this.count++;
  }
}

/** Prepares for the sections that are of use. `head` is the text up to the first one. */
function prepare(head) {
  const { snapshot } = JSON.parse(`${head.slice(0, head.lastIndexOf('"nodes"')).trimEnd().replace(/,$/, '')}}`);
  const { meta, node_count: nodeCount, edge_count: edgeCount } = snapshot;
  const arraysOf = (count, ...names) => Object.fromEntries(names.map((name) => [name, new Uint32Array(count)]));
  const nodes = { type: new Uint8Array(nodeCount), ...arraysOf(nodeCount, 'name', 'edge_count') };
  const edges = { type: new Uint8Array(edgeCount), ...arraysOf(edgeCount, 'name_or_index', 'to_node') };
  const locations = { object_index: [], line: [] };
  const numbersOf = (fields, arrays) => new Numbers(fields.map((field) => arrays[field]));
  const sections = {
    __proto__: null,
    nodes: numbersOf(meta.node_fields, nodes),
    edges: numbersOf(meta.edge_fields, edges),
    locations: numbersOf(meta.location_fields, locations),
    strings: new Strings(),
  };
  const finish = () => {
    if (sections.nodes.count < nodeCount || sections.edges.count < edgeCount) throw invalid('nodes or edges are missing');
    if (!sections.strings.isComplete) throw invalid('strings are missing');
    return new Graph(meta, nodes, edges, locations, sections.strings);
  };
  return { sections, finish };
}

/** Begins a section, if the text before it ends like one. The first has the nodes. */
function sectionAfter(head, prepared) {
  const [, name] = SECTION.exec(head) ?? [];
  if (name === undefined || (prepared.sections === undefined && name !== 'nodes')) return undefined;
  try {
    if (prepared.sections === undefined) Object.assign(prepared, prepare(head));
  } catch {
    throw invalid();
  }
  return prepared.sections[name] ?? new Numbers([undefined]);
}

/**
 * Reads a heap snapshot. Other callbacks get turns of the loop meanwhile.
 * @param {AsyncIterable<Buffer>} stream
 * @returns {Promise<Graph>}
 * @throws {Error} with code ERR_CONTEXT_LEAKS_SNAPSHOT if it is something else, or not complete
 */
async function readSnapshot(stream) {
  const prepared = {};
  let section;
  let head = '';
  let since = performance.now();
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length;) {
      if (section !== undefined) {
        at = section.read(chunk, at);
        if (at <= chunk.length) section = undefined;
        continue;
      }
      const next = chunk.indexOf(OPENING, at) + 1 || chunk.length;
      head += chunk.latin1Slice(at, next);
      at = next;
      if (head.length > LONGEST_HEAD) throw invalid();
      section = sectionAfter(head, prepared);
      if (section !== undefined) head = '';
    }
    if (performance.now() - since < SLICE) continue;
    await nextTurn();
    since = performance.now();
  }
  if (prepared.finish === undefined) throw invalid();
  return prepared.finish();
}

module.exports = { readSnapshot };
