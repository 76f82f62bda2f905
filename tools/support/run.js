'use strict';

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.join(__dirname, '..', '..');

/** Prints a message, and ends the process: with exit code 2, as the command could not do what it is for. */
function fail(message) {
  console.error(message);
  process.exit(2);
}

/**
 * Runs a program in the package's folder. Resolves to its code, or the signal that ended it, what it printed on stdout, and all that it printed.
 */
function run(command, args, options) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const result = { code: 0, stdout: '', output: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (result.stdout += text));
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (result.output += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code, signal) => resolve({ ...result, code: code ?? signal }));
  });
}

/** Runs a program in the package's folder, which may use the terminal. Returns whether it succeeded; ends the process if it cannot be run. */
function perform(command, args, options, hint = '') {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) fail(`${command} could not be run: ${error.message}. ${hint}`);
  return status === 0;
}

/** Calls a function with a new folder for temporary files, and removes that at the end, however it ends. */
async function inTemporaryFolder(work) {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'context-')));
  const remove = () => fs.rmSync(folder, { recursive: true, force: true });
  process.on('exit', remove);
  try {
    return await work(folder);
  } finally {
    remove();
    process.off('exit', remove);
  }
}

module.exports = { fail, inTemporaryFolder, perform, root, run };
