'use strict';

/** The package's own tests on a runtime. Each one that fails has to be named below, with the reason: else it is a fault. */

const fs = require('node:fs');
const path = require('node:path');

const { root } = require('./runtime');

const API = path.join('test', 'api');
const PROPAGATION = path.join('test', 'propagation');

const ALSO_STORES = 'AsyncLocalStorage has the same there: the runtime enters no context of its own for it';

/** By the beginning of a test's name, the reason why it fails, on one runtime or on both. */
const differences = {
  __proto__: null,
  'bind of the module keeps what OpenTelemetry and domains have active': { why: 'there are no domains' },
  'loading takes the engine that CONTEXT_ENGINE names': {
    why: 'there is one engine: hooks do not fire, and `CONTEXT_ENGINE=async-hooks` is refused',
  },
  "loading takes none of V8's shortcuts away": { Bun: 'it is not made with V8' },
  'a callback that native code makes without an async context': { why: ALSO_STORES },
  'process.namespaces lets cls-hooked go on': { Bun: 'cls-hooked itself does not work: it takes hooks, which do not fire' },
  'fromException tells the context in which an error was thrown': {
    Bun: "an Error has more properties of JavaScriptCore's own: `line`, `column`, `sourceURL`",
  },
  'the event end leaves an unhandled rejection to be reported once': {
    Bun: 'it is reported once, with no store active: AsyncLocalStorage has none either',
  },
  'the handlers of failures run in the context of the failure: an unhandled rejection': {
    Bun: 'they run with no store active: AsyncLocalStorage has none either',
  },
  'what a reaction to a promise enters is active in the handler of its rejection': {
    Bun: 'they run with no store active: AsyncLocalStorage has none either',
  },
  'a callback that throws leaves nothing behind if the error is handled': {
    Deno: 'the handler of uncaught exceptions runs with no store active: AsyncLocalStorage has none either',
  },
  'an entry at the top level of an ES module is over after exit(), with an await at the top level': { why: ALSO_STORES },
  'an entry at the top level of an ES module is not seen outside of the module': { Deno: ALSO_STORES },
  'an entry in a callback of a FinalizationRegistry is not seen by the next one': { Deno: ALSO_STORES },
  'the first entry of a process is not seen by work that belongs to nobody': { Deno: ALSO_STORES },
  'calls that return the promise of a call within them end if microtasks have run before they are left': {
    why: 'microtasks cannot be run in the middle of a callback: `process._tickCallback` does nothing, or is not there',
  },
  'calls that return the promise of a call within them report a rejection that nobody handles once, where the contexts are active':
    {
      Bun: 'it is reported once, with no store active: AsyncLocalStorage has none either',
    },
  'NODE_DEBUG=context changes nothing if a value does not let itself be shown': {
    Deno: "Deno's log shows the error of such a value in its own words; nothing else changes",
  },
};

function reasonFor(runtime, title) {
  const name = Object.keys(differences).find((beginning) => title.startsWith(beginning));
  return name === undefined ? undefined : (differences[name].why ?? differences[name][runtime.name]);
}

function filesOf(folder, except = []) {
  const names = fs.readdirSync(path.join(root, folder)).filter((name) => name.endsWith('.test.js') && !except.includes(name));
  return names.map((name) => path.join(folder, name));
}

/** @type {Record<string, string[]>} by title for the table */
const groups = {
  'test/api': filesOf(API),
  // Simulated requests have a row of their own.
  'test/propagation': filesOf(PROPAGATION, ['cross-talk.test.js']),
};

/** Runs each file in a process of its own. */
async function runFiles(runtime, files) {
  const failures = [];
  let passed = 0;
  for (const file of files) {
    const { code, stdout, stderr } = await runtime.run([path.join('scripts', 'runtimes', 'tests.js'), file]);
    const lines = stdout.split('\n').filter((line) => line.startsWith('{"'));
    const results = lines.map((line) => JSON.parse(line));
    const last = results.find((result) => 'passed' in result);
    if (last === undefined) throw new Error(`${file} has not ended on ${runtime.name} (${code}):\n${stdout}${stderr}`);
    passed += last.passed;
    failures.push(...results.filter(({ failed }) => failed !== undefined));
  }
  return { passed, failures };
}

/**
 * @param {Runtime} runtime
 * @param {string[]} files
 * @returns {Promise<{ cell: string, isRight: boolean, named: Array<{ title: string, why: string }> }>}
 */
async function runOwnTests(runtime, files) {
  const { passed, failures } = await runFiles(runtime, files);
  const named = [];
  let isRight = passed > 0;
  for (const { failed, message } of failures) {
    const why = reasonFor(runtime, failed);
    if (why === undefined) {
      console.error(`${runtime.name}: ${failed}\n${message}`);
      isRight = false;
    } else {
      named.push({ title: failed, why });
    }
  }
  return { cell: `${passed} of ${passed + failures.length}`, isRight, named };
}

module.exports = { groups, runOwnTests };
