'use strict';

const { pbkdf2Sync } = require('node:crypto');

const { start } = require('context/profiler');

/** Long enough, in milliseconds, for V8 to take a sample however busy the machine is. */
const SAMPLED = 250;

/** How often a password is hashed in a millisecond, or in less. */
const HASHES = 1200;

/**
 * Takes time of the processor, some milliseconds at least: by one call of native code. A function with a loop that gets hot is
 * compiled, and the samples that V8 takes of that may lack names.
 */
function burn(ms = SAMPLED) {
  pbkdf2Sync('password', 'salt', Math.ceil(ms * HASHES), 32, 'sha256');
}

/**
 * Starts a profile. V8's thread that takes the samples is at work when this is done: on a busy machine it comes late.
 *
 * @param {object} options of `start`
 * @returns {Promise<Profiling>}
 */
async function startSampling(options) {
  const profiling = await start(options);
  burn();
  return profiling;
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

module.exports = { SAMPLED, burn, labelsByFunction, startSampling };
