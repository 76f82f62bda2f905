'use strict';

const { withCode } = require('./errors');

/** Identifies the runtime. Others imitate `process.version`, `process.release` and most modules, but behave differently. */
function identify() {
  const { bun, deno } = process.versions;
  if (bun !== undefined) return { name: 'Bun', version: bun };
  if (deno !== undefined) return { name: 'Deno', version: deno };
  const { name } = process.release ?? {};
  return { name: name === 'node' ? 'Node.js' : String(name ?? 'an unknown runtime'), version: process.version };
}

const { name, version } = identify();

/** Whether it is Node.js, or contains it, like Electron. */
const isNode = name === 'Node.js';

/** Name and version for messages: `Bun 1.4.5`. */
const runtime = `${name} ${version}`;

/**
 * Throws on any runtime but Node.js.
 * @param {string} entryPoint
 * @param {string} reason why it does not work elsewhere, and what to do
 * @throws {Error} with code ERR_CONTEXT_RUNTIME
 */
function refuseElsewhere(entryPoint, reason) {
  if (isNode) return;
  throw withCode(new Error(`${entryPoint} does not work on ${runtime}: ${reason}`), 'ERR_CONTEXT_RUNTIME');
}

module.exports = {
  isNode,

  isDeno: name === 'Deno',

  refuseElsewhere,
  runtime,
};
