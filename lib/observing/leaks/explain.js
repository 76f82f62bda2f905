'use strict';

const { className } = require('./ended-contexts');
const { jobName } = require('./job');
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

/** The contexts of a snapshot that have ended. Those without a mark have no age. */
function* endedContextsIn(graph) {
  for (const node of graph.nodesNamed('object', className)) {
    const target = graph.weakTargetOf(graph.child(node, 'reference'));
    const [age, label] = JSON.parse(graph.textOf(graph.child(node, 'mark')) ?? '[]');
    if (target !== -1) yield { target, age, label: label ?? graph.textOf(graph.child(node, 'label')) ?? '' };
  }
}

/** Those to explain: of a snapshot that V8 took by itself, and that has no marks, all. */
function contextsToExplain(graph, olderThan) {
  const all = [...endedContextsIn(graph)];
  const isMarked = olderThan === undefined || all.some(({ age }) => age !== undefined);
  return isMarked ? all.filter(({ age }) => age >= (olderThan ?? 0)) : all;
}

/**
 * Finds what holds the contexts in a heap snapshot that have ended.
 * @param {AsyncIterable<Buffer>} stream
 * @param {number} [olderThan] of a file: how long ago they ended at least, in milliseconds, if that is known
 * @returns {Promise<{ groups: { count: number, label: string, line: string, chain: string[] }[] }>}
 */
async function explainSnapshot(stream, olderThan) {
  const graph = await readSnapshot(stream);
  const search = await graph.search(
    graph.nodesNamed('object', jobName),
    LAST.flatMap(([type, name]) => [...graph.nodesNamed(type, name)]),
  );
  const contexts = contextsToExplain(graph, olderThan);
  const nodes = new Nodes(graph, new Set(contexts.map(({ target }) => target)));
  const groups = new Map();
  for (const { target, label } of contexts) {
    const way = search(target);
    const line = way === undefined ? CALLER : lineOf(graph, nodes, way);
    const key = JSON.stringify([label, line]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { count: 1, label, line, chain: way === undefined ? [] : chainOf(graph, way) });
    else group.count++;
  }
  return { groups: [...groups.values()].sort((one, other) => other.count - one.count) };
}

module.exports = { explainSnapshot };
