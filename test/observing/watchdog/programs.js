'use strict';

/** Programs that are watched, in a process of their own. */

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const { promisify } = require('node:util');

const { root } = require('../../support/child');

/** A process that hangs is ended after this, in milliseconds: that fails the test. */
const HANGS = 50_000;

/** What all of them begin with. */
const HEAD = `
  const { createNamespace } = require('context');
  const { start } = require('context/watchdog');
  const assert = require('node:assert');
  const fs = require('node:fs');
  const { Worker } = require('node:worker_threads');
  function block(ms) {
    for (const end = performance.now() + ms; performance.now() < end;);
  }
`;

/**
 * Runs a program.
 *
 * @param {string} program its text, which has `start`, `createNamespace`, `block(ms)` and the like
 * @returns {Promise<{ code: number | null, signal: string | null, stdout: string, stderr: string }>} how it ended
 */
async function run(program) {
  const options = { cwd: root, timeout: HANGS, killSignal: 'SIGKILL' };
  try {
    return { code: 0, signal: null, ...(await promisify(execFile)(process.execPath, ['-e', `${HEAD}${program}`], options)) };
  } catch ({ code, signal, stdout, stderr }) {
    return { code, signal, stdout, stderr };
  }
}

/**
 * Runs a program that must end well.
 *
 * @param {string} program
 * @returns {Promise<string>} what it wrote
 */
async function outputOf(program) {
  const { code, signal, stdout, stderr } = await run(program);
  assert.deepStrictEqual([code, signal, stderr], [0, null, '']);
  return stdout;
}

module.exports = { HEAD, outputOf, run };
