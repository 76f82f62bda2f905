'use strict';

const assert = require('node:assert');

const { SUBJECT, linesOfProcess, linesOfThread, listOf, textOf } = require('../../support/steps');

/** What runs in no callback of the program: AsyncLocalStorage has no store in any of it, no matter who entered what. */
const OUTSIDE = `
  process.once('beforeExit', () => {
    log('beforeExit');
    setImmediate(() => log('started in beforeExit'));
  });
  process.on('exit', () => log('exit'));
  const finalizeTwo = () => finalize([1, 2], (value) => {
    log('finalized ' + value);
    setImmediate(() => log('started in finalized ' + value));
  });
`;

const OUTSIDE_STEPS = [
  ...['finalized 1', 'finalized 2', 'started in finalized 1', 'started in finalized 2'],
  ...['beforeExit', 'started in beforeExit', 'exit'],
].map((step) => `${step} default`);

/**
 * Asserts what is active at each step of a program, in any order, in which nothing is switched on before; with a namespace, and with
 * an AsyncLocalStorage in its place: both('timer default')`setTimeout(() => log('timer'))`.
 *
 * @param {string | string[]} expected
 * @param {object} [options]
 * @param {boolean} [options.oracle] whether AsyncLocalStorage is expected to show the same
 * @param {Function} [options.run] runs the program; in a thread by default
 */
function both(expected, options) {
  return (strings, ...values) => assertBoth(SUBJECT + textOf(strings, values), expected, options);
}

async function assertBoth(program, expected, { oracle = true, run = linesOfThread } = {}) {
  const subjects = ['storage', 'namespace'].map((subject) => run(program, { env: { CONTEXT_TEST_SUBJECT: subject } }));
  const [storage, namespace] = (await Promise.all(subjects)).map((lines) => lines.sort());
  const sorted = listOf(expected).sort();
  if (oracle) assert.deepStrictEqual(storage, sorted, 'AsyncLocalStorage');
  assert.deepStrictEqual(namespace, sorted, 'the namespace');
}

/** The same of a program's main script, or of a module. */
const bothInProcess = (expected, options) => both(expected, { ...options, run: linesOfProcess });

/** The same step of several, in a context each or in none: of('later', ['a', 'b'], 'default') is 'later a default', 'later b default'. */
const of = (step, names, active) => names.map((name) => `${step} ${name} ${active ?? name}`);

module.exports = { OUTSIDE, OUTSIDE_STEPS, assertBoth, both, bothInProcess, of };
