'use strict';

const { withCode } = require('./errors');

/**
 * Which runtime this is. Others give themselves the version of a Node.js, its `process.release` and most of its modules, and do not
 * do with these what Node.js does.
 */
function identify() {
  const { bun, deno } = process.versions;
  if (bun !== undefined) return { name: 'Bun', version: bun };
  if (deno !== undefined) return { name: 'Deno', version: deno };
  const { name } = process.release ?? {};
  return { name: name === 'node' ? 'Node.js' : String(name ?? 'an unknown runtime'), version: process.version };
}

const { name, version } = identify();

/** Whether it is Node.js, or what contains it, as Electron does. */
const isNode = name === 'Node.js';

/** The name and the version, for messages: `Bun 1.4.5`. */
const runtime = `${name} ${version}`;

/**
 * Refuses what works on Node.js alone.
 *
 * @param {string} entryPoint
 * @param {string} reason why it does not work elsewhere, and what to do
 * @throws {Error} with code ERR_CONTEXT_RUNTIME on any other runtime
 */
function refuseElsewhere(entryPoint, reason) {
  if (isNode) return;
  throw withCode(new Error(`${entryPoint} does not work on ${runtime}: ${reason}`), 'ERR_CONTEXT_RUNTIME');
}

module.exports = {
  isNode,

  /** Whether it is Deno, which has permissions of its own. */
  isDeno: name === 'Deno',

  refuseElsewhere,
  runtime,
};
