'use strict';

/** The package's own tests on a runtime. Each one that fails must be named below, with the reason: otherwise it is a fault. */

const fs = require('node:fs');
const path = require('node:path');

const { root } = require('../support/run');

const NO_STORE = 'they run with no store active: AsyncLocalStorage has none either';
const ONCE = 'it is reported once, with no store active: AsyncLocalStorage has none either';
const ALSO_STORES = 'AsyncLocalStorage has the same there: the runtime enters no context of its own for it';
const NO_MICROTASKS =
  'microtasks cannot be run in the middle of a callback: `process._tickCallback` does nothing, or is not there';

/** The tests that fail, by the beginning of their names, with the reason: on both runtimes, on Bun and on Deno. */
const differences = {
  both: {
    'bind of the module keeps what OpenTelemetry and domains have active': 'there are no domains',
    'loading takes the engine that CONTEXT_ENGINE names':
      'there is one engine: hooks do not fire, and `CONTEXT_ENGINE=async-hooks` is refused',
    'a callback that native code makes without an async context': ALSO_STORES,
    'an entry at the top level of an ES module is over after exit(), with an await at the top level': ALSO_STORES,
    'calls that return the promise of a call within them end if microtasks have run before they are left': NO_MICROTASKS,
  },
  Bun: {
    "loading takes none of V8's shortcuts away": 'it is not made with V8',
    'process.namespaces lets cls-hooked go on': 'cls-hooked itself does not work: it needs hooks, which do not fire',
    'fromException returns the context in which an error was thrown':
      "an Error has more properties of JavaScriptCore's own: `line`, `column`, `sourceURL`",
    'the event end leaves an unhandled rejection to be reported once': ONCE,
    'what a reaction to a promise enters is active in the handler of its rejection': NO_STORE,
    'calls that return the promise of a call within them report a rejection that nobody handles once, where the contexts are active':
      ONCE,
  },
  Deno: {
    'an entry at the top level of an ES module is not seen outside of the module': ALSO_STORES,
    'an entry in a callback of a FinalizationRegistry is not seen by the next one': ALSO_STORES,
    'the first entry of a process is not seen by work that belongs to nobody': ALSO_STORES,
    'NODE_DEBUG=context changes nothing if a value does not let itself be shown':
      "Deno's log shows the error of such a value in its own words; nothing else changes",
  },
};

function reasonFor({ name }, title) {
  const known = Object.entries({ ...differences.both, ...differences[name] });
  return known.find(([beginning]) => title.startsWith(beginning))?.[1];
}

/** The files of tests in a folder, but the one about something. */
function filesOf(folder, except) {
  const names = fs.readdirSync(path.join(root, folder)).filter((name) => name.endsWith('.test.js'));
  return names.filter((name) => name.split('.')[0] !== except).map((name) => path.join(folder, name));
}

/** @type {Record<string, string[]>} by title for the table */
const groups = {
  'test/api': filesOf('test/api'),
  // Simulated requests have a row of their own.
  'test/propagation': filesOf('test/propagation', 'cross-talk'),
};

/** Runs files of tests: the cell of the table, whether it is right, and the tests that fail for a reason. */
async function runOwnTests(runtime, files) {
  const named = [];
  let [passed, failures] = [0, 0];
  let isRight = true;
  for (const file of files) {
    const { code, stdout, output } = await runtime.runProgram(['tests', file]);
    const lines = stdout.split('\n').filter((line) => line.startsWith('{"'));
    const results = lines.map((line) => JSON.parse(line));
    const last = results.find((result) => 'passed' in result);
    if (last === undefined) throw new Error(`${file} has not ended on ${runtime.name} (${code}):\n${output}`);
    passed += last.passed;
    for (const { failed, message } of results.filter((result) => 'failed' in result)) {
      failures++;
      const why = reasonFor(runtime, failed);
      if (why !== undefined) named.push({ title: failed, why });
      else console.error(`${runtime.name}: ${failed}\n${message}`);
      isRight &&= why !== undefined;
    }
  }
  return { cell: `${passed} of ${passed + failures}`, isRight: isRight && passed > 0, named };
}

module.exports = { groups, runOwnTests };
