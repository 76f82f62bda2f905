'use strict';

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const path = require('node:path');
const { promisify } = require('node:util');

const root = path.join(__dirname, '..', '..');

/**
 * Runs a program in a Node.js process of its own, like the one that runs now, in the package's folder.
 *
 * @param {string | string[]} program its text, or the arguments for node
 * @param {object} [env] more environment variables
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
async function runNode(program, env = {}) {
  const args = typeof program === 'string' ? ['-e', program] : program;
  const options = { cwd: root, env: { ...process.env, ...env } };
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, ['--expose-gc', ...args], options)) };
  } catch (error) {
    // A process that did not start has no output.
    return { code: error.code, stdout: error.stdout ?? '', stderr: error.stderr ?? String(error) };
  }
}

/** Runs a program as runNode does, asserts that it succeeds, and returns the lines that it prints. */
async function linesOf(program, env) {
  const { code, stdout, stderr } = await runNode(program, env);
  assert.strictEqual(code, 0, stderr);
  return stdout.trimEnd().split('\n');
}

module.exports = { linesOf, root, runNode };
