'use strict';

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.join(__dirname, '..', '..');

/** Prints a message and ends the process with exit code 2: the tool could not do its work. */
function fail(message) {
  console.error(message);
  process.exit(2);
}

/**
 * Runs a program in the package's folder.
 * @returns {Promise<{ code: number | string, stdout: string, output: string }>} the exit code, or the signal that ended the
 *   program; and what it printed, without and with stderr
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

/** Runs a program synchronously. Returns whether it succeeded, its stdout, and all its output, after the reason if it did not start. */
function capture(command, args, options) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8', ...options });
  return { ok: status === 0, stdout, output: [error?.message, stdout, stderr].filter(Boolean).join('') };
}

/** Runs a program that prints to the terminal. Returns whether it succeeded; ends the process if it could not be started. */
function perform(command, args, options, hint = '') {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) fail(`${command} could not be run: ${error.message}. ${hint}`);
  return status === 0;
}

/** Calls a function with a new temporary folder, which is removed afterwards, even if the process ends first. */
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

/** Returns the cell of a table for a check. A problem ('' for none) is printed, and makes the tool fail. */
function verdictOn(title, problem) {
  if (problem === '') return 'ok';
  console.error(`${title}: ${problem}`);
  process.exitCode = 1;
  return 'FAILED';
}

/** For `main().catch`: prints the message, and makes the tool fail. */
function failMain(error) {
  console.error(error.message);
  process.exitCode = 1;
}

module.exports = { capture, failMain, fail, inTemporaryFolder, perform, root, run, verdictOn };
