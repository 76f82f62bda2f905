'use strict';

const ROOT = { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 };

/** How many numbers are written at a time. */
const CHUNK = 8192;

/** A pseudo call for a label. */
function labelFrame(name, value) {
  return { functionName: `${name}: ${value}`, scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 };
}

/** The nodes of a file, created on demand. */
class Nodes {
  list = [{ id: 1, callFrame: ROOT, hitCount: 0, children: [] }];
  #byKey = new Map();

  child(parent, key, frame) {
    const path = `${parent.id} ${key}`;
    let node = this.#byKey.get(path);
    if (node === undefined) {
      node = { id: this.list.length + 1, callFrame: frame, hitCount: 0, children: [] };
      this.list.push(node);
      parent.children.push(node.id);
      this.#byKey.set(path, node);
    }
    return node;
  }
}

/** Creates the nodes of a file, and the node id of each sample. */
function makeNodes({ count, parents, frames, nodes, labels, labelSets, names }, labelsAtRoot) {
  const made = new Nodes();
  const known = new Map();

  /** The node below which the calls with certain labels start. */
  const rootOf = (set) => {
    let node = made.list[0];
    if (!labelsAtRoot) return node;
    labelSets[set].forEach((value, index) => {
      if (value !== undefined) node = made.child(node, `label ${index} ${value}`, labelFrame(names[index], value));
    });
    return node;
  };

  const nodeOf = (node, set) => {
    const key = labelsAtRoot ? `${set} ${node}` : node;
    let found = known.get(key);
    if (found === undefined) {
      const path = [];
      for (let at = node; at !== 0; at = parents[at]) path.push(at);
      found = rootOf(set);
      while (path.length > 0) {
        const next = path.pop();
        found = made.child(found, next, frames[next]);
      }
      known.set(key, found);
    }
    return found;
  };

  const ids = new Uint32Array(count);
  for (let index = 0; index < count; index++) {
    const found = nodeOf(nodes[index], labels[index]);
    found.hitCount++;
    ids[index] = found.id;
  }
  return { list: made.list, ids };
}

/** Returns a function for the time between a sample and the previous one. */
function makeDelta({ times, start }) {
  return (index) => times[index] - (index === 0 ? start : times[index - 1]);
}

/**
 * Creates a profile in the format of the inspector protocol.
 * @param {object} data of the profile
 * @param {boolean} labelsAtRoot
 * @returns {{ nodes: object[], startTime: number, endTime: number, samples: number[], timeDeltas: number[] }}
 */
function cpuProfileOf(data, labelsAtRoot) {
  const { list, ids } = makeNodes(data, labelsAtRoot);
  const delta = makeDelta(data);
  return {
    nodes: list,
    startTime: data.start,
    endTime: data.end,
    samples: Array.from(ids),
    timeDeltas: Array.from(ids, (id, index) => delta(index)),
  };
}

/** Generates the elements of a JSON array in chunks. */
function* elements(count, elementOf) {
  for (let from = 0; from < count; from += CHUNK) {
    const texts = Array.from({ length: Math.min(CHUNK, count - from) }, (_, index) => elementOf(from + index));
    yield `${from === 0 ? '' : ','}${texts.join(',')}`;
  }
}

/** Generates the same as JSON chunks: one string might exceed V8's limit. */
function* cpuProfileChunks(data, labelsAtRoot) {
  const { list, ids } = makeNodes(data, labelsAtRoot);
  yield '{"nodes":[';
  for (let index = 0; index < list.length; index++) yield `${index === 0 ? '' : ','}${JSON.stringify(list[index])}`;
  yield `],"startTime":${JSON.stringify(data.start)},"endTime":${JSON.stringify(data.end)},"samples":[`;
  yield* elements(data.count, (index) => ids[index]);
  yield '],"timeDeltas":[';
  yield* elements(data.count, makeDelta(data));
  yield ']}';
}

module.exports = { cpuProfileChunks, cpuProfileOf };
