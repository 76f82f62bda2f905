'use strict';

const { setImmediate: nextTurn } = require('node:timers/promises');

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
  /** By node: its first edge, and the line of a function. */
  #first;
  #lines = new Map();

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
    locations.object_index.forEach((node, at) => this.#lines.set(node / fields, locations.line[at] + 1));
  }

  typeOf(node) {
    return this.#nodeTypes[this.#nodes.type[node]];
  }

  nameOf(node) {
    return this.#strings.get(this.#nodes.name[node]);
  }

  edge(edge) {
    const { type, name_or_index: names, to_node: to } = this.#edges;
    const name = this.#isNumbered[type[edge]] ? `${names[edge]}` : this.#strings.get(names[edge]);
    return { type: this.#edgeTypes[type[edge]], name, to: to[edge] };
  }

  *edgesOf(node) {
    for (let edge = this.#first[node]; edge < this.#first[node + 1]; edge++) yield this.edge(edge);
  }

  /** The node that an edge leads to, of the first name that there is; -1 if there is none. */
  child(node, ...names) {
    const { type, name_or_index: numbers, to_node: to } = this.#edges;
    for (const name of names) {
      const wanted = this.#strings.indexOf(name);
      for (let edge = this.#first[node]; edge < this.#first[node + 1]; edge++) {
        if (numbers[edge] === wanted && !this.#isNumbered[type[edge]]) return to[edge];
      }
    }
    return -1;
  }

  /** The node at the end of successive edges. */
  path(node, ...names) {
    return names.reduce((at, name) => this.child(at, name), node);
  }

  /** The text of a string; undefined for any other node. */
  textOf(node) {
    return this.typeOf(node) === 'string' ? this.nameOf(node) : undefined;
  }

  /** What a WeakRef refers to; -1 if that is gone. */
  weakTargetOf(node) {
    for (const { type, to } of this.edgesOf(node)) if (type === 'weak') return to;
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

  /** Where a function is: a file and a line; undefined for anything else. */
  placeOf(closure) {
    const line = this.#lines.get(closure);
    if (line === undefined || this.typeOf(closure) !== 'closure') return undefined;
    const script = this.child(this.child(closure, 'shared'), 'script', 'script_or_debug_info');
    // While a debugger is attached, it is in between.
    const inner = this.child(script, 'script');
    return script === -1 ? undefined : { file: this.nameOf(inner === -1 ? script : inner), line };
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
    const isPair = this.#strings.containing(PAIR);
    const isFromTable = (node, edge) =>
      type[edge] === internal && isPair[names[edge]] === 1 && this.#nodes.type[node] === array;
    const cameBy = new Int32Array(this.count).fill(NONE);
    const cameFrom = new Uint32Array(this.count);
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
          cameFrom[next] = node;
          queue[length++] = next;
        }
      }
      if (at === length - 1 && postponed.length > 0) queue[length++] = postponed.pop();
    }
    return (target) => {
      if (cameBy[target] < 0) return undefined;
      const way = [];
      for (let node = target; node !== 0; node = cameFrom[node]) way.unshift({ edge: cameBy[node], node });
      return way;
    };
  }
}

module.exports = { Graph };
