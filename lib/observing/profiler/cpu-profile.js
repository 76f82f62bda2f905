'use strict';

const ROOT = { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 };

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

/**
 * Makes a profile as the inspector's protocol has it.
 *
 * @param {object} data of the profile
 * @param {boolean} labelsAtRoot
 * @returns {{ nodes: object[], startTime: number, endTime: number, samples: number[], timeDeltas: number[] }}
 */
function cpuProfileOf({ count, parents, frames, nodes, times, labels, labelSets, names, start, end }, labelsAtRoot) {
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

  const samples = [];
  const timeDeltas = [];
  let last = start;
  for (let index = 0; index < count; index++) {
    const found = nodeOf(nodes[index], labels[index]);
    found.hitCount++;
    samples.push(found.id);
    timeDeltas.push(times[index] - last);
    last = times[index];
  }
  return { nodes: made.list, startTime: start, endTime: end, samples, timeDeltas };
}

module.exports = { cpuProfileOf };
