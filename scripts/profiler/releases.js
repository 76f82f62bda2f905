'use strict';

/** The releases of Node.js, with each of their engines. */

const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..', '..');

const ROWS = [
  { title: '20, async-hooks', release: '20', flags: [] },
  { title: '22, async-hooks', release: '22', flags: [] },
  { title: '22, async-context-frame', release: '22', flags: ['--experimental-async-context-frame'] },
  { title: '24, async-context-frame', release: '24', flags: [] },
  { title: '24, async-hooks', release: '24', flags: ['--no-async-context-frame'] },
  { title: '26, async-context-frame', release: '26', flags: [] },
  { title: '26, async-hooks', release: '26', flags: ['--no-async-context-frame'] },
];

/**
 * @param {string} release its major
 * @returns {string} the path of its node
 * @throws {Error} if it is not there
 */
function binaryOf(release) {
  if (process.version.startsWith(`v${release}.`)) return process.execPath;
  const binary = path.join(root, '.cache', `node-${release}`, 'node_modules', 'node', 'bin', 'node');
  if (!fs.existsSync(binary)) throw new Error(`Node.js ${release} is missing: npm run test:matrix fetches it`);
  return binary;
}

module.exports = { ROWS, binaryOf };
