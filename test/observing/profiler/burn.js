'use strict';

const { pbkdf2Sync } = require('node:crypto');

const { start } = require('context/profiler');

/** Long enough, in milliseconds, for V8 to take a sample however busy the machine is. */
const SAMPLED = 250;

/** How often a password is hashed in a millisecond, or in less. */
const HASHES = 1200;

/** Uses the processor, in milliseconds at least, by one call of native code: V8's samples of hot, compiled loops may lack names. */
function burn(ms = SAMPLED) {
  pbkdf2Sync('password', 'salt', Math.ceil(ms * HASHES), 32, 'sha256');
}

/** Starts a profile with options of `start`. V8's thread that takes the samples, late on a busy machine, works when this is done. */
async function startSampling(options) {
  const profiling = await start(options);
  burn();
  return profiling;
}

/** By the names of functions, the first label, as text or undefined, of each sample in whose stack they are, each once. */
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
