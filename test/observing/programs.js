'use strict';

/** Programs that run in a process of their own. */

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const { promisify } = require('node:util');

const { root } = require('../support/child');

/** A process that hangs is ended after this, in milliseconds: that fails the test. */
const HANGS = 50_000;

/** What Node.js itself writes to standard error if somebody debugs. */
const OF_DEBUGGERS = /^(Debugger |For help, |Waiting for the debugger ).*\n/gm;

/**
 * Runs a program.
 *
 * @param {string} program its text
 * @param {{ args?: string[], command?: string[] }} [options] `args` are for node; `command` is a program that runs node
 * @returns {Promise<{ code: number | null, signal: string | null, stdout: string, stderr: string }>} how it ended
 */
async function run(program, { args = [], command = [] } = {}) {
  const [file, ...rest] = [...command, process.execPath, '--expose-gc', ...args, '-e', program];
  try {
    const options = { cwd: root, timeout: HANGS, killSignal: 'SIGKILL' };
    return { code: 0, signal: null, ...(await promisify(execFile)(file, rest, options)) };
  } catch ({ code, signal, stdout, stderr }) {
    return { code, signal, stdout, stderr };
  }
}

/** Runs a program that must succeed and write no errors, and returns what it printed. */
async function outputOf(program, options) {
  const { code, signal, stdout, stderr } = await run(program, options);
  assert.deepStrictEqual([code, signal, stderr.replace(OF_DEBUGGERS, '')], [0, null, '']);
  return stdout;
}

/** A test for each of some programs, by its title: all begin with `head`, must succeed, and print `done` alone, at their end. */
function itRuns(programs, { head = '', ...options } = {}) {
  for (const [title, program] of Object.entries(programs)) {
    it(title, async () => assert.strictEqual(await outputOf(head + program, options), 'done\n'));
  }
}

module.exports = { itRuns, outputOf, run };
