'use strict';

const { setImmediate } = require('node:timers');

const { className } = require('./ended-contexts');
const { chainOf, lineOf } = require('./line');
const { Nodes } = require('./nodes');
const { readSnapshot } = require('./snapshot');

/** What holds by chance: the stack and what V8 runs while the snapshot is taken, and the function `label`. */
const LAST = [
  ['synthetic', '(Stack roots)'],
  ['synthetic', '(Handle scope)'],
  ['synthetic', '(Strong root list)'],
  ['object', 'EndedContexts'],
];

/** What holds contexts to which no way leads. */
const CALLER = 'only the code that waits for explain()';

/** The name of the class below in heap snapshots. */
const jobName = 'LeaksSnapshotJob';

const { LeaksSnapshotJob } = {
  /** Work on a snapshot. Searches stop here, since all that it leads to is who waits for the result. */
  LeaksSnapshotJob: class {
    constructor(work, resolve, reject) {
      Object.assign(this, { work, resolve, reject });
    }
  },
};

async function runJob(job) {
  try {
    // Two statements: `resolve` must not be on the stack while the snapshot is taken.
    const result = await job.work();
    job.resolve(result);
  } catch (error) {
    job.reject(error);
  }
}

/** Works on a snapshot from the next turn on, so that the caller's stack holds nothing. Must be called outside all contexts. */
function workLater(work) {
  return new Promise((resolve, reject) => setImmediate(runJob, new LeaksSnapshotJob(work, resolve, reject)));
}

/** The contexts of a snapshot that have ended. Those without a mark have no age. */
function* endedContextsIn(graph) {
  for (const node of graph.nodesNamed('object', className)) {
    const target = graph.weakTargetOf(graph.child(node, 'reference'));
    const [age, label] = JSON.parse(graph.textOf(graph.child(node, 'mark')) ?? '[]');
    if (target !== -1) yield { target, age, label: label ?? graph.textOf(graph.child(node, 'label')) ?? '' };
  }
}

/**
 * Finds what holds the contexts in a heap snapshot that have ended.
 * @param {AsyncIterable<Buffer>} stream
 * @param {number} [olderThan] of a file: how long ago they ended at least, in milliseconds, if that is known
 * @returns {Promise<{ groups: HeldGroup[] }>} see index.d.ts
 */
async function explainSnapshot(stream, olderThan) {
  const graph = await readSnapshot(stream);
  const last = LAST.flatMap(([type, name]) => [...graph.nodesNamed(type, name)]);
  const search = await graph.search(graph.nodesNamed('object', jobName), last);
  const all = [...endedContextsIn(graph)];
  // A snapshot that V8 took by itself has no marks: all are explained.
  const isMarked = olderThan === undefined || all.some(({ age }) => age !== undefined);
  const contexts = isMarked ? all.filter(({ age }) => age >= (olderThan ?? 0)) : all;
  const nodes = new Nodes(graph, new Set(contexts.map(({ target }) => target)));
  const groups = new Map();
  for (const { target, label } of contexts) {
    const way = search(target);
    const line = way ? lineOf(graph, nodes, way) : CALLER;
    const key = JSON.stringify([label, line]);
    if (!groups.has(key)) groups.set(key, { count: 0, label, line, chain: way ? chainOf(graph, way) : [] });
    groups.get(key).count++;
  }
  return { groups: [...groups.values()].sort((one, other) => other.count - one.count) };
}

module.exports = { explainSnapshot, workLater };
