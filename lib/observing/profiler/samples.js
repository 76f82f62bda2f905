'use strict';

/** Collects the samples of a profile from successive V8 sessions, with the owner of each. */

const { SafeMap, safeArray } = require('../../util/primordials');
const { Labels } = require('./labels');
const { Reader } = require('./reader');
const { UNKNOWN, WAITING } = require('./switches');
const { WAITS, weightsOf } = require('./weights');

const { apply } = Reflect;
const { sort } = Array.prototype;

/** How many owners may accumulate before their labels are read. Later changes of those are ignored. */
const MOST_OWNERS = 20_000;

/** How many distinct sets of labels may accumulate, and how many values per key are kept after that. */
const MOST_SETS = 50_000;
const FEWER_VALUES = 5000;

const FIRST_ROOM = 1024;

/** A growing list of numbers, without an object per number. */
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

/** Appends to a list without methods, and returns the index. */
function append(list, value) {
  list[list.length] = value;
  return list.length - 1;
}

function listOf(value) {
  const list = safeArray();
  append(list, value);
  return list;
}

/** V8's frame of native code outside all functions. */
const PROGRAM = { functionName: '(program)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 };

/** The call tree. Equal stacks of different sessions share nodes. */
class CallTree {
  #children = listOf(new SafeMap());

  /** By node number: the calling node, and the function. Node 0 is the root. */
  parents = listOf(-1);
  frames = listOf({ ...PROGRAM, functionName: '(root)' });

  /**
   * Merges the nodes of a session.
   * @param {object[]} nodes of the inspector protocol, the root first
   * @returns {SafeMap} node numbers by id
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

  /** The node of native code that no function called. */
  program() {
    return this.#child(0, PROGRAM);
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

/** Whether samples are in chronological order. V8 has two ways to take samples, whose results may be out of order. */
function isInOrder({ timeDeltas }) {
  for (let index = 0; index < timeDeltas.length; index++) {
    if (timeDeltas[index] < 0) return false;
  }
  return true;
}

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

/** Accumulates a profile. */
class Samples {
  #tree = new CallTree();
  #nodes = new Column(Uint32Array);
  #times = new Column(Float64Array);
  #owners = new Column(Int32Array);
  #interval;

  /** By owner number: the number of its labels, once they were read for the last time. */
  #labelsOf = listOf(0);

  /** The numbers of owners whose labels were not read yet. */
  #numbers = new SafeMap();
  #labels;

  constructor(interval, labelCount) {
    this.#interval = interval;
    this.#labels = new Labels(labelCount);
  }

  /**
   * Adds the samples of a session with their owners.
   * @param {object} v8Profile of the inspector protocol
   * @param {{ first: Piece, owners: (Owner | undefined)[] } | undefined} changes of the session; undefined if they are unreliable
   * @param {number} from samples count from this time on, in microseconds of V8's clock
   * @param {number} to samples count before this time
   */
  add(v8Profile, changes, from, to) {
    const numbers = this.#tree.add(v8Profile.nodes);
    const taken = this.#take(v8Profile, numbers, new Reader(changes), from, to);
    const { after, before } = weightsOf(taken, changes, { interval: this.#interval, from, to });
    const { times, nodes, owners } = taken;
    for (let index = 0; index < times.length; index++) {
      const time = times.values[index];
      const isAfterWait = index > 0 && owners.values[index - 1] === WAITS;
      const early = isAfterWait ? after * (time - times.values[index - 1]) : 0;
      if (owners.values[index] === WAITS) this.#pushIdle(nodes.values[index], time, from, before);
      else this.#push(nodes.values[index], time - early, owners.values[index]);
    }
    if (this.#numbers.size > MOST_OWNERS) this.#readLabels();
    if (this.#labels.sets.length > MOST_SETS) {
      this.#readLabels();
      this.#limit(to, FEWER_VALUES);
    }
  }

  /** The samples of a time, with the numbers of their owners; WAITS if the loop waited. */
  #take(v8Profile, numbers, reader, from, to) {
    const { samples, timeDeltas, startTime } = isInOrder(v8Profile) ? v8Profile : sorted(v8Profile);
    const taken = { nodes: new Column(Uint32Array), times: new Column(Float64Array), owners: new Column(Int32Array) };
    let time = startTime;
    for (let index = 0; index < samples.length; index++) {
      time += timeDeltas[index];
      if (time < from || time >= to) continue;
      let node = numbers.get(samples[index]);
      let owner = WAITS;
      const isIdle = this.#isIdle(node);
      if (!isIdle || !reader.hasWaited(time)) {
        // What Node.js does between a wait and the next callback is idle for V8. Its clock has whole microseconds.
        if (isIdle) node = this.#tree.program();
        owner = this.#numberOf(reader.ownerWithin(time, time + 1));
      }
      taken.nodes.push(node);
      taken.times.push(time);
      taken.owners.push(owner);
    }
    return taken;
  }

  #push(node, time, owner) {
    this.#nodes.push(node);
    this.#times.push(time);
    this.#owners.push(owner);
  }

  /**
   * Adds a sample of the idle loop. V8 only delivers one at the end of a wait, because the signals are blocked until then
   * (src/idle_time.h). So another one is added at its beginning: the previous sample stands for the time before, see weights.js.
   */
  #pushIdle(node, time, from, weight) {
    const count = this.#times.length;
    const last = count === 0 ? from : this.#times.values[count - 1];
    const wasIdle = count > 0 && this.#nodes.values[count - 1] === node;
    if (!wasIdle && time - last > weight) this.#push(node, last + weight, 0);
    this.#push(node, time, 0);
  }

  #isIdle(node) {
    return this.#tree.parents[node] === 0 && this.#tree.frames[node].functionName === '(idle)';
  }

  #numberOf(owner) {
    if (owner === undefined || owner === UNKNOWN || owner === WAITING) return 0;
    let number = this.#numbers.get(owner);
    if (number === undefined) {
      number = append(this.#labelsOf, 0);
      this.#numbers.set(owner, number);
    }
    return number;
  }

  /** Reads labels that were not read yet, and releases their owners. */
  #readLabels() {
    this.#numbers.forEach((number, owner) => {
      this.#labelsOf[number] = this.#labels.numberOf(owner);
    });
    this.#numbers = new SafeMap();
  }

  /** Merges labels with little busy time. */
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
   * Finishes the profile.
   * @param {number} end in microseconds of V8's clock
   * @returns {{
   *   parents: number[], by node: the calling node; node 0 is the root
   *   frames: object[], by node: the function, as in the inspector protocol
   *   count: number, of samples
   *   nodes: Uint32Array, by sample: its node
   *   times: Float64Array, by sample: microseconds of V8's clock
   *   labels: Int32Array, by sample: the number of its labels
   *   labelSets: (string | undefined)[][], by that number: the values of the keys; all undefined for 0
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
