'use strict';

/**
 * Installs the dependencies of a checkout if necessary, which is enough for building binaries of other platforms. Runs before
 * anything is installed, so it needs only Node.js, of any version.
 */

const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const root = path.join(__dirname, '..');
const windows = process.platform === 'win32';

/** Ends the process with a message. */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** When a file was written, in milliseconds; 0 if it is missing. */
function writtenAt(file) {
  const stats = fs.statSync(path.join(root, file), { throwIfNoEntry: false });
  return stats === undefined ? 0 : stats.mtimeMs;
}

/** Runs npm. Shows its output only if it fails. */
function run(title, args) {
  process.stderr.write(`${title} …\n`);
  const start = Date.now();
  const { status, error, stdout, stderr } = spawnSync('npm', args, { cwd: root, shell: windows, encoding: 'utf8' });
  if (error) fail(`npm ${args.join(' ')} could not be run: ${error.message}`);
  if (status !== 0) fail(`${stdout}${stderr}\nnpm ${args.join(' ')} failed, its output is above.`);
  process.stderr.write(`  done in ${Math.round((Date.now() - start) / 1000)} s\n`);
}

function install() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) fail(`This needs Node.js 20 or later, but it runs on ${process.version}. Install a newer Node.js.`);
  if (writtenAt('node_modules/.package-lock.json') >= writtenAt('package-lock.json')) return;
  // The package's scripts are for installing from git. Here they would build the addon twice.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  run('Installing the dependencies: usually 20 to 40 s, once', args);
}

// Set by the tests: the checkout of a program that they start is prepared.
if (process.env.CONTEXT_PREPARED === undefined) install();

module.exports = { fail, root, run, windows, writtenAt };
