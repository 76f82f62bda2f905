'use strict';

const ROOT = { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 };

/** How many numbers are written at a time. */
const CHUNK = 8192;

/** A call that stands for a label. */
function labelFrame(name, value) {
  return { functionName: `${name}: ${value}`, scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 };
}

/** The nodes of a file, made as they are needed. */
class Nodes {
  list = [{ id: 1, callFrame: ROOT, hitCount: 0, children: [] }];
  #byKey = new Map();

  /** The child of a node that stands for something. */
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

/** Makes the nodes of a file, and tells the one of each sample by its id. */
function makeNodes({ count, parents, frames, nodes, labels, labelSets, names }, labelsAtRoot) {
  const made = new Nodes();
  const known = new Map();

  /** Where the calls of some labels begin. */
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

/** How much later each sample is than the one before. */
function makeDelta({ times, start }) {
  return (index) => times[index] - (index === 0 ? start : times[index - 1]);
}

/**
 * Makes a profile as the inspector's protocol has it.
 *
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

/** The elements of an array as JSON, some at a time. */
function* elements(count, elementOf) {
  for (let from = 0; from < count; from += CHUNK) {
    const texts = Array.from({ length: Math.min(CHUNK, count - from) }, (_, index) => elementOf(from + index));
    yield `${from === 0 ? '' : ','}${texts.join(',')}`;
  }
}

/**
 * The same as JSON, in pieces: a string of all of it might be longer than V8 allows.
 *
 * @param {object} data of the profile
 * @param {boolean} labelsAtRoot
 * @returns {Generator<string>}
 */
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
