'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const path = require('node:path');
const { Worker } = require('node:worker_threads');

const { linesOf, root } = require('./child');

/** Has a thread resolve modules from the package's folder, and send each line that it prints. */
const IN_THREAD = `
  globalThis.require = require('module').createRequire(${JSON.stringify(path.join(root, 'program.js'))});
  console.log = (...values) => require('worker_threads').parentPort.postMessage(require('util').format(...values));
`;

/**
 * Runs a program in a thread of its own: it has a first entry of its own, and is cheaper than a process. Its main script is a callback,
 * though.
 *
 * @param {string} program
 * @param {object} [options] those of a Worker; `env` is added to the environment
 * @returns {Promise<string[]>} the lines that it prints
 */
async function linesOfThread(program, { env, ...options } = {}) {
  const worker = new Worker(IN_THREAD + program, { eval: true, env: { ...process.env, ...env }, ...options });
  const lines = [];
  worker.on('message', (line) => lines.push(line));
  const [code] = await once(worker, 'exit');
  assert.strictEqual(code, 0);
  return lines;
}

/** As linesOfThread, in a process: `program` is as for `runNode`. */
const linesOfProcess = (program, { env } = {}) => linesOf(program, env);

/** The text of a template, as if it had no tag. */
const textOf = (strings, values) => strings.reduce((text, string, index) => text + values[index - 1] + string);

/** The steps in a list such as `'timer a | next timer default'`, or in an array. */
const listOf = (expected) => (Array.isArray(expected) ? expected : expected.trim().split(/\s*\|\s*/));

/**
 * What programs begin with that print, step by step, what is active: `log(step)` prints that, if the core says the same, and
 * `named(name)` makes a context of that name.
 */
const STEPS = `
  const assert = require('assert');
  const { AsyncLocalStorage, AsyncResource, createHook, executionAsyncId } = require('async_hooks');
  const { promiseHooks } = require('v8');
  const vm = require('vm');
  const namespace = require('context').createNamespace('steps');
  const { assertActive } = require('./test/support/core-view');
  const log = (step) => {
    assertActive(namespace.active);
    console.log(step, namespace.get('name') ?? 'default');
  };
  const named = (name) => {
    const context = namespace.createContext();
    context.set('name', name);
    return context;
  };
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  /** Whether Node.js tracks promises. */
  const isTracked = async () => { await null; return executionAsyncId() !== 0; };
`;

/** What programs begin with that are run with a namespace or, in its place, with an AsyncLocalStorage: see subject.js. */
const SUBJECT = `
  const { AsyncResource } = require('async_hooks');
  const http = require('http');
  const { current, enter, exit, finalize, log, run } = require('./test/support/subject');
  const turn = () => new Promise((resolve) => setImmediate(resolve));
`;

/** Runs a program that begins with STEPS, and returns the lines that it prints. */
const stepsOf = (program, run = linesOfThread) => run(STEPS + program);

/**
 * Makes a function that asserts what programs print: stepsInOrder('timer a | later default')`program`. The expected steps are a list or
 * an array; a second argument is `linesOfThread`, the default, or `linesOfProcess`.
 */
function asserting(prelude, arrange = (lines) => lines) {
  return (expected, run = linesOfThread) =>
    async (strings, ...values) => {
      const lines = await run(prelude + textOf(strings, values));
      assert.deepStrictEqual(arrange(lines), arrange(listOf(expected)));
    };
}

const inAnyOrder = (lines) => [...lines].sort();

const stepsInOrder = asserting(STEPS);
const steps = asserting(STEPS, inAnyOrder);
const subjectSteps = asserting(SUBJECT);

module.exports = {
  STEPS,
  SUBJECT,
  linesOfProcess,
  linesOfThread,
  listOf,
  steps,
  stepsInOrder,
  stepsOf,
  subjectSteps,
  textOf,
};
