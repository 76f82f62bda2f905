'use strict';

/** Long enough, in milliseconds, for V8 to take a sample however busy the machine is. */
const SAMPLED = 250;

/** Takes time. */
function burn(ms = SAMPLED) {
  const end = performance.now() + ms;
  let sum = 0;
  while (performance.now() < end) sum += Math.sqrt(sum + 1);
  return sum;
}

/**
 * Tells which labels functions had.
 *
 * @param {Profile} profile
 * @returns {Record<string, (string | undefined)[]>} by the names of functions, in the samples of whose stack they are: the first
 *   label, as text, of each
 */
function labelsByFunction(profile) {
  const { nodes } = profile.toCpuProfile({ labelsAtRoot: true });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const found = {};
  const visit = (node, label) => {
    const { functionName, url } = node.callFrame;
    const isLabel = url === '' && functionName.includes(': ');
    const own = isLabel && label === undefined ? functionName : label;
    if (!isLabel && !(found[functionName] ??= []).includes(own)) found[functionName].push(own);
    for (const id of node.children) visit(byId.get(id), own);
  };
  visit(nodes[0], undefined);
  return found;
}

module.exports = { SAMPLED, burn, labelsByFunction };
