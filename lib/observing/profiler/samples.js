'use strict';

/** The samples of a profile as they come in, from one session of V8's after the other, and what is known of each. */

const { SafeMap, safeArray } = require('../../util/primordials');
const { Labels } = require('./labels');
const { Reader, UNKNOWN } = require('./switches');

const { apply } = Reflect;
const { sort } = Array.prototype;

/** The labels of how many contexts are read at the end at the latest: after that, those are what they are now. */
const MOST_OWNERS = 20_000;

/** How many different sets of labels may come together, and how many values of a key are told from each other after that. */
const MOST_SETS = 50_000;
const FEWER_VALUES = 5000;

const FIRST_ROOM = 1024;

/** A list of numbers that grows, with no object for each. */
class Column {
  #Type;

  constructor(Type) {
    this.#Type = Type;
    this.values = new Type(FIRST_ROOM);
    this.length = 0;
  }

  push(value) {
    if (this.length === this.values.length) {
      const { values } = this;
      this.values = new this.#Type(values.length * 2);
      for (let index = 0; index < values.length; index++) this.values[index] = values[index];
    }
    this.values[this.length++] = value;
  }
}

/** Puts something at the end of a list that has no methods. */
function append(list, value) {
  list[list.length] = value;
  return list.length - 1;
}

function listOf(value) {
  const list = safeArray();
  append(list, value);
  return list;
}

/** The tree of calls, in which those of all sessions are the same if their stacks are. */
class CallTree {
  #children = listOf(new SafeMap());

  /** By the number of a node: the node that called it, and its function. Node 0 is the root. */
  parents = listOf(-1);
  frames = listOf({ functionName: '(root)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 });

  /**
   * Takes the nodes of a session in.
   *
   * @param {object[]} nodes of the inspector's protocol, of which the first is the root
   * @returns {SafeMap} the numbers of nodes by their ids
   */
  add(nodes) {
    const byId = new SafeMap();
    for (let index = 0; index < nodes.length; index++) byId.set(nodes[index].id, nodes[index]);
    const numbers = new SafeMap();
    numbers.set(nodes[0].id, 0);
    const open = listOf(nodes[0]);
    while (open.length > 0) {
      const node = open[open.length - 1];
      open.length--;
      const { children } = node;
      const count = children === undefined ? 0 : children.length;
      for (let index = 0; index < count; index++) {
        const child = byId.get(children[index]);
        numbers.set(child.id, this.#child(numbers.get(node.id), child.callFrame));
        append(open, child);
      }
    }
    return numbers;
  }

  #child(parent, frame) {
    const key = `${frame.scriptId}:${frame.lineNumber}:${frame.columnNumber}:${frame.functionName}:${frame.url}`;
    const siblings = this.#children[parent];
    let number = siblings.get(key);
    if (number === undefined) {
      number = append(this.parents, parent);
      append(this.frames, frame);
      append(this.#children, new SafeMap());
      siblings.set(key, number);
    }
    return number;
  }
}

/** Whether the samples of a session are in the order of time. Those that V8 took in different ways may come in another one. */
function isInOrder({ timeDeltas }) {
  for (let index = 0; index < timeDeltas.length; index++) {
    if (timeDeltas[index] < 0) return false;
  }
  return true;
}

/** The same samples in the order of time. */
function sorted({ samples, timeDeltas, startTime, ...others }) {
  const taken = safeArray();
  let time = startTime;
  for (let index = 0; index < samples.length; index++) {
    time += timeDeltas[index];
    append(taken, { id: samples[index], time });
  }
  apply(sort, taken, [(one, other) => one.time - other.time]);
  const inOrder = { ...others, startTime, samples: safeArray(), timeDeltas: safeArray() };
  let last = startTime;
  for (let index = 0; index < taken.length; index++) {
    append(inOrder.samples, taken[index].id);
    append(inOrder.timeDeltas, taken[index].time - last);
    ({ time: last } = taken[index]);
  }
  return inOrder;
}

/** Gathers what becomes a profile. */
class Samples {
  #tree = new CallTree();
  #nodes = new Column(Uint32Array);
  #times = new Column(Float64Array);
  #owners = new Column(Int32Array);
  #interval;

  /** The number of an owner's labels, once they are read for the last time. */
  #labelsOf = listOf(0);

  /** By their numbers, the owners whose labels are not. */
  #numbers = new SafeMap();
  #labels;

  /**
   * @param {number} interval between two samples, in microseconds
   * @param {number} labelCount how many labels there are
   */
  constructor(interval, labelCount) {
    this.#interval = interval;
    this.#labels = new Labels(labelCount);
  }

  /**
   * Takes the samples of a session in, and who was active then.
   *
   * @param {object} v8Profile of the inspector's protocol
   * @param {Piece} changes that were recorded meanwhile
   * @param {number} from the moments that count, in microseconds of V8's clock
   * @param {number} to before this
   */
  add(v8Profile, changes, from, to) {
    const numbers = this.#tree.add(v8Profile.nodes);
    const reader = new Reader(changes);
    const { samples, timeDeltas, startTime } = isInOrder(v8Profile) ? v8Profile : sorted(v8Profile);
    let time = startTime;
    for (let index = 0; index < samples.length; index++) {
      time += timeDeltas[index];
      if (time < from || time >= to) continue;
      const node = numbers.get(samples[index]);
      // V8's clock tells whole microseconds.
      if (this.#isIdle(node)) this.#pushIdle(node, time, from);
      else this.#push(node, time, this.#numberOf(reader.ownerWithin(time, time + 1)));
    }
    if (this.#numbers.size > MOST_OWNERS) this.#readLabels();
    if (this.#labels.sets.length > MOST_SETS) {
      this.#readLabels();
      this.#limit(to, FEWER_VALUES);
    }
  }

  #push(node, time, owner) {
    this.#nodes.push(node);
    this.#times.push(time);
    this.#owners.push(owner);
  }

  /**
   * Takes in a sample in which the loop waited. There is one at the end of a wait: the signals are held back until then
   * (src/idle_time.h). So one is added for its beginning, an interval after the last sample.
   */
  #pushIdle(node, time, from) {
    const count = this.#times.length;
    const last = count === 0 ? from : this.#times.values[count - 1];
    const wasIdle = count > 0 && this.#nodes.values[count - 1] === node;
    if (!wasIdle && time - last > 1.5 * this.#interval) this.#push(node, last + this.#interval, 0);
    this.#push(node, time, 0);
  }

  #isIdle(node) {
    return this.#tree.parents[node] === 0 && this.#tree.frames[node].functionName === '(idle)';
  }

  #numberOf(owner) {
    if (owner === undefined || owner === UNKNOWN) return 0;
    let number = this.#numbers.get(owner);
    if (number === undefined) {
      number = append(this.#labelsOf, 0);
      this.#numbers.set(owner, number);
    }
    return number;
  }

  /** Reads the labels of all whose labels were not, and lets them go. */
  #readLabels() {
    this.#numbers.forEach((number, owner) => {
      this.#labelsOf[number] = this.#labels.numberOf(owner);
    });
    this.#numbers = new SafeMap();
  }

  /** Has fewer values of labels told from each other: those with the most time in which the loop did not wait. */
  #limit(end, most = undefined) {
    const times = new Float64Array(this.#labels.sets.length);
    const count = this.#times.length;
    for (let index = 0; index < count; index++) {
      if (this.#isIdle(this.#nodes.values[index])) continue;
      const next = index + 1 < count ? this.#times.values[index + 1] : end;
      times[this.#labelsOf[this.#owners.values[index]]] += next - this.#times.values[index];
    }
    const renumbered = this.#labels.limit(times, most);
    for (let owner = 0; owner < this.#labelsOf.length; owner++) this.#labelsOf[owner] = renumbered[this.#labelsOf[owner]];
  }

  /**
   * Reads the labels for the last time.
   *
   * @param {number} end of the profile, in microseconds of V8's clock
   * @returns {{
   *   parents: number[], by the number of a node: the node that called it; node 0 is the root
   *   frames: object[], and its function, as the inspector's protocol has it
   *   count: number, how many samples there are
   *   nodes: Uint32Array, the node of each sample
   *   times: Float64Array, its moment, in microseconds of V8's clock
   *   labels: Int32Array, the number of its labels
   *   labelSets: (string | undefined)[][], by that number, the values of the keys; those of number 0 are undefined
   * }}
   */
  finish(end) {
    this.#readLabels();
    this.#limit(end);
    const labels = new Int32Array(this.#owners.length);
    for (let index = 0; index < labels.length; index++) labels[index] = this.#labelsOf[this.#owners.values[index]];
    return {
      parents: this.#tree.parents,
      frames: this.#tree.frames,
      count: this.#nodes.length,
      nodes: this.#nodes.values,
      times: this.#times.values,
      labels,
      labelSets: this.#labels.sets,
    };
  }
}

module.exports = { Samples };
