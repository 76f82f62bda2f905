'use strict';

const { setImmediate: nextTurn } = require('node:timers/promises');

const { indexOfLast } = require('./search');

/** How V8 names what keeps a WeakMap's value: an edge from the key, and one from the table, which keeps it without the key. */
const PAIR = 'pair in WeakMap';

/** How many nodes a search visits before other callbacks get a turn. */
const SLICE = 200_000;

/** Of a node to which no way is known, or may be searched. Edges have numbers from 0. */
const NONE = -1;
const CLOSED = -2;

/** Nodes and edges of a heap snapshot, by number. The first node is the root. */
class Graph {
  #nodes;
  #edges;
  #strings;
  #nodeTypes;
  #edgeTypes;
  #isNumbered;

  /** By node: its first edge. */
  #first;

  /** By node: the line and column of a function. */
  #places = new Map();

  constructor(meta, nodes, edges, locations, strings) {
    this.#nodes = nodes;
    this.#edges = edges;
    this.#strings = strings;
    [this.#nodeTypes] = meta.node_types;
    [this.#edgeTypes] = meta.edge_types;
    this.#isNumbered = this.#edgeTypes.map((type) => type === 'element' || type === 'hidden');
    this.count = nodes.type.length;
    this.#first = new Uint32Array(this.count + 1);
    for (let node = 0; node < this.count; node++) this.#first[node + 1] = this.#first[node] + nodes.edge_count[node];
    const fields = meta.node_fields.length;
    for (let edge = 0; edge < edges.to_node.length; edge++) edges.to_node[edge] /= fields;
    for (let at = 0; at < locations.line.length; at++) {
      this.#places.set(locations.object_index[at] / fields, { line: locations.line[at] + 1, column: locations.column[at] + 1 });
    }
  }

  typeOf(node) {
    return this.#nodeTypes[this.#nodes.type[node]];
  }

  nameOf(node) {
    return this.#strings.get(this.#nodes.name[node]);
  }

  /** @returns {{ type: string, name: string, to: number }} */
  edge(edge) {
    const { type, name_or_index: names, to_node: to } = this.#edges;
    const name = names[edge];
    return {
      type: this.#edgeTypes[type[edge]],
      name: this.#isNumbered[type[edge]] ? String(name) : this.#strings.get(name),
      to: to[edge],
    };
  }

  /** The edges of a node, as numbers. */
  *edgesOf(node) {
    for (let edge = this.#first[node]; edge < this.#first[node + 1]; edge++) yield edge;
  }

  /** The node that an edge of some name leads to; -1 if there is none. */
  child(node, name) {
    const wanted = node < 0 ? -1 : this.#strings.indexOf(name);
    if (wanted === -1) return -1;
    const { type, name_or_index: names, to_node: to } = this.#edges;
    for (let edge = this.#first[node]; edge < this.#first[node + 1]; edge++) {
      if (names[edge] === wanted && !this.#isNumbered[type[edge]]) return to[edge];
    }
    return -1;
  }

  /** The text of a string; undefined for any other node. */
  textOf(node) {
    return node >= 0 && this.typeOf(node) === 'string' ? this.nameOf(node) : undefined;
  }

  /** What a WeakRef refers to; -1 if that is gone. */
  weakTargetOf(node) {
    const weak = this.#edgeTypes.indexOf('weak');
    for (let edge = this.#first[node]; edge < this.#first[node + 1]; edge++) {
      if (this.#edges.type[edge] === weak) return this.#edges.to_node[edge];
    }
    return -1;
  }

  *nodesOfType(type) {
    const wanted = this.#nodeTypes.indexOf(type);
    for (let node = 0; node < this.count; node++) if (this.#nodes.type[node] === wanted) yield node;
  }

  /** The nodes of a type with a name: objects have the name of their constructor. */
  *nodesNamed(type, name) {
    const wanted = this.#strings.indexOf(name);
    for (const node of this.nodesOfType(type)) if (this.#nodes.name[node] === wanted) yield node;
  }

  /**
   * Where a function is.
   * @returns {{ file: string, line: number, column: number } | undefined}
   */
  placeOf(closure) {
    const shared = this.child(closure, 'shared');
    let script = this.child(shared, 'script');
    if (script === -1) script = this.child(shared, 'script_or_debug_info');
    // While a debugger is attached, it is in between.
    const inner = this.child(script, 'script');
    const place = this.#places.get(closure);
    return script === -1 || place === undefined ? undefined : { file: this.nameOf(inner === -1 ? script : inner), ...place };
  }

  /**
   * Finds the shortest ways from the root, without weak edges.
   * @param {Iterable<number>} without nodes that no way may lead through
   * @param {Iterable<number>} last nodes that ways lead through if there are no others
   * @returns {Promise<(node: number) => { edge: number, node: number }[] | undefined>} the way to a node
   */
  async search(without, last) {
    const { type, name_or_index: names, to_node: to } = this.#edges;
    const [weak, internal] = ['weak', 'internal'].map((each) => this.#edgeTypes.indexOf(each));
    const array = this.#nodeTypes.indexOf('array');
    const isPair = new Uint8Array(this.#strings.count);
    for (const index of this.#strings.containing(PAIR)) isPair[index] = 1;
    const isFromTable = (node, edge) =>
      type[edge] === internal && isPair[names[edge]] === 1 && this.#nodes.type[node] === array;
    const cameBy = new Int32Array(this.count).fill(NONE);
    for (const node of without) cameBy[node] = CLOSED;
    const late = new Set(last);
    const postponed = [];
    const queue = new Uint32Array(this.count + late.size);
    let length = 1;
    for (let at = 0; at < length; at++) {
      if (at % SLICE === SLICE - 1) await nextTurn();
      const node = queue[at];
      if (late.delete(node)) postponed.push(node);
      else {
        for (let edge = this.#first[node]; edge < this.#first[node + 1]; edge++) {
          const next = to[edge];
          if (cameBy[next] !== NONE || next === 0 || type[edge] === weak || isFromTable(node, edge)) continue;
          cameBy[next] = edge;
          queue[length++] = next;
        }
      }
      if (at === length - 1 && postponed.length > 0) queue[length++] = postponed.pop();
    }
    return (node) => this.#wayTo(node, cameBy);
  }

  #wayTo(target, cameBy) {
    if (cameBy[target] < 0) return undefined;
    const way = [];
    for (let node = target; node !== 0; node = indexOfLast(this.#first, this.count, cameBy[node]))
      way.unshift({ edge: cameBy[node], node });
    return way;
  }
}

module.exports = { Graph };
