'use strict';

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

module.exports = {
  /** Whether it is Node.js, or what contains it, as Electron does. */
  isNode: name === 'Node.js',

  /** Whether it is Deno, which has permissions of its own. */
  isDeno: name === 'Deno',

  /** The name and the version, for messages: `Bun 1.4.5`. */
  runtime: `${name} ${version}`,
};
