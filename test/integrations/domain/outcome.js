'use strict';

const assert = require('node:assert');
const path = require('node:path');

const { runNode } = require('../../support/child');

/** How Node.js reports an uncaught error: an Error as what it says, anything else as that. */
const REPORTS = /^(?:Uncaught:|\S*Error\b.*)$/gm;

async function run(module, programs) {
  const { code, stdout, stderr } = await runNode([path.join(__dirname, 'run.js'), module, JSON.stringify(programs)]);
  const lines = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
  for (const line of stdout.split('\n').filter(Boolean)) {
    const [name, text] = JSON.parse(line);
    lines[name].push(text);
  }
  return { code, lines, reports: stderr.match(REPORTS) ?? [] };
}

/**
 * Runs a program with one of the modules, in a process of its own. See run.js for what it finds.
 *
 * @param {string} module
 * @param {string} program
 * @returns {Promise<{ code: number, lines: string[], reports: string[] }>} its exit code, what it logged, and which errors Node.js
 *   reported
 */
async function outcomeOf(module, program) {
  const { lines, ...outcome } = await run(module, { program });
  return { ...outcome, lines: lines.program };
}

/**
 * Runs programs with one of the modules, all in one process that has to end well.
 *
 * @param {string} module
 * @param {Record<string, string>} programs
 * @returns {Promise<Record<string, string[]>>} what each logged
 */
async function linesOf(module, programs) {
  const { code, lines, reports } = await run(module, programs);
  assert.deepStrictEqual({ code, reports }, { code: 0, reports: [] }, JSON.stringify(lines));
  return lines;
}

module.exports = { linesOf, outcomeOf };
