'use strict';

const { className } = require('./ended-contexts');
const { jobName } = require('./job');
const { chainOf, lineOf } = require('./line');
const { Nodes } = require('./nodes');
const { readSnapshot } = require('./snapshot');

/** What holds by chance: the stack while the snapshot is taken, and the function `label`. */
const LAST = [
  ['synthetic', '(Stack roots)'],
  ['synthetic', '(Handle scope)'],
  ['object', 'EndedContexts'],
];

/** What holds contexts to which no way leads. */
const CALLER = 'only the code that waits for explain()';

/** The marked contexts of a snapshot; all that have ended, without ages, if V8 took it by itself. */
function endedContextsIn(graph) {
  const all = [];
  for (const node of graph.nodesNamed('object', className)) {
    const target = graph.weakTargetOf(graph.child(node, 'reference'));
    const [age, label] = JSON.parse(graph.textOf(graph.child(node, 'mark')) ?? '[]');
    if (target !== -1) all.push({ target, age, label: label ?? graph.textOf(graph.child(node, 'label')) ?? '' });
  }
  const marked = all.filter(({ age }) => age !== undefined);
  return marked.length > 0 ? marked : all;
}

/**
 * Finds what holds the contexts in a heap snapshot that have ended.
 * @param {AsyncIterable<Buffer>} stream
 * @param {{ olderThan?: number }} [options] in milliseconds, for those whose age is known
 * @returns {Promise<{ groups: { count: number, label: string, line: string, chain: string[] }[] }>}
 */
async function explainSnapshot(stream, { olderThan = 0 } = {}) {
  const graph = await readSnapshot(stream);
  const search = await graph.search(
    graph.nodesNamed('object', jobName),
    LAST.flatMap(([type, name]) => [...graph.nodesNamed(type, name)]),
  );
  const contexts = endedContextsIn(graph).filter(({ age }) => age === undefined || age >= olderThan);
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
