'use strict';

/** The clients: installed into .cache/clients, so that neither the package nor its tests depend on any of them. */

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');

const directory = path.join(__dirname, '..', '..', '.cache', 'clients');
const files = ['package.json', 'package-lock.json', '.npmrc'];

/** Whether what is installed is what the lock file says. */
function isInstalled() {
  const installed = path.join(directory, 'node_modules', '.package-lock.json');
  const lock = path.join(directory, 'package-lock.json');
  const wanted = fs.readFileSync(path.join(__dirname, 'package-lock.json'), 'utf8');
  return fs.existsSync(installed) && fs.existsSync(lock) && fs.readFileSync(lock, 'utf8') === wanted;
}

/** Installs the clients if they are not there yet. */
function install() {
  if (isInstalled()) return;
  console.error('Installing the clients into .cache/clients …');
  fs.mkdirSync(directory, { recursive: true });
  // The lock file last, and after a success alone: it says that all is there.
  const lock = path.join(directory, 'package-lock.json');
  fs.rmSync(lock, { force: true });
  for (const file of files) fs.copyFileSync(path.join(__dirname, file), path.join(directory, file));
  try {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (cause) {
    fs.rmSync(lock, { force: true });
    throw new Error(`npm ci failed in .cache/clients:\n${cause.stderr}`, { cause });
  }
}

/** `require` of what is installed there. */
const load = createRequire(path.join(directory, 'package.json'));

/** The version of a client that is installed. */
function versionOf(name) {
  return JSON.parse(fs.readFileSync(path.join(directory, 'node_modules', name, 'package.json'), 'utf8')).version;
}

module.exports = { directory, install, load, versionOf };
