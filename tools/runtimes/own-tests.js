'use strict';

/** Runs the package's own tests on a runtime. Each failure must be listed below, with its reason. */

const fs = require('node:fs');
const path = require('node:path');

const { root } = require('../support/run');

const NO_STORE = 'they run with no store active: AsyncLocalStorage has none either';
const ONCE = 'it is reported once, with no store active: AsyncLocalStorage has none either';
const ALSO_STORES = 'AsyncLocalStorage has the same there: the runtime enters no context of its own for it';
const NO_MICROTASKS =
  'microtasks cannot be run in the middle of a callback: `process._tickCallback` does nothing, or is missing';
const NOT_V8 = 'its engine is not V8';
const NO_STATE = 'nothing shows that the target is already over: call `endWith` before';
const NO_SOCKET = 'a response needs a socket of the runtime';
const NO_CONTROLLER = 'a vm context without `AbortController` has no other way to get one';
const NO_GC = 'its worker threads have no `gc`, which these tests call';
const NO_EVENT = 'its worker threads emit no `beforeExit`, which these tests print';

const ENDS =
  'endWith, by what it is given ends once, when it is over, and in a later turn if it was before, in the context, with its outcome:';

/** The tests that fail on both runtimes, on Bun or on Deno, by the beginning of their titles, with the reasons. */
const differences = {
  both: {
    'bind of the module keeps what OpenTelemetry and domains have active': 'there are no domains',
    'loading chooses the engine by how the platform keeps a running store':
      'there is one engine: hooks do not fire, and `CONTEXT_ENGINE=async-hooks` is refused',
    'a callback that native code makes without an async context': ALSO_STORES,
    'an entry at the top level of an ES module is over after exit(), with an await at the top level': ALSO_STORES,
    'calls that return the promise of a call within them end if microtasks have run before they are left': NO_MICROTASKS,
    'context.signal may be aborted in a listener of its abort':
      'errors of listeners are reported before the other listeners run',
    'a timeout works where the platform has no globals': NO_CONTROLLER,
    [`${ENDS} a program that is not there`]: NO_STATE,
    [`${ENDS} a watcher of a folder`]: NO_STATE,
    'fromException in a handler of errors that nobody caught':
      'it recognises the functions with which Node.js reports these errors',
  },
  Bun: {
    "loading disables none of V8's fast paths": NOT_V8,
    'process.namespaces leaves those of cls-hooked to it': 'cls-hooked itself does not work: it needs hooks, which do not fire',
    'the promise that run returns is reported as an unhandled rejection once': ONCE,
    'what a reaction to a promise enters is active in the handler of its rejection': NO_STORE,
    'an error that nobody catches leaves its context':
      'an unhandled rejection ends the process in spite of `uncaughtException`',
    'namespace.signal keeps signals that are observed':
      'a signal that only `AbortSignal.any` observes may be dropped: the runtime does not show that',
    [`${ENDS} a signal`]: 'an aborted signal has another message',
    [`${ENDS} a child process that exited`]: 'a child process is closed although nobody has read its output',
    'endWith of a response ends when it is finished, with a socket that an adapter has made up': NO_SOCKET,
    'endWith of a response ends the context of context/http if an adapter has made the response': NO_SOCKET,
    'the memory of labels is in proportion to the contexts that live': NOT_V8,
    'code in a vm context can load the package itself': NO_CONTROLLER,
    'the first entry of a process is not seen by work that belongs to nobody': NO_GC,
    'the first entry of a process, after an await that began before': NO_GC,
  },
  Deno: {
    'an entry at the top level of an ES module is not seen outside of the module': ALSO_STORES,
    'an entry in a callback of a FinalizationRegistry is not seen by the next one': ALSO_STORES,
    'NODE_DEBUG=context changes nothing if a value cannot be shown':
      "Deno's log shows the error of such a value in its own words; nothing else changes",
    [`${ENDS} a signal whose event`]: 'a listener can hide the abort from others: `addAbortListener` does not prevent that',
    [`${ENDS} a signal`]: 'an aborted signal has another message',
    [`${ENDS} a worker thread`]: NO_STATE,
    [`${ENDS} a port`]: NO_STATE,
    [`${ENDS} a watcher of a file`]: NO_STATE,
    'the outcome of a response of HTTP/1 that is destroyed by an error': 'a response does not keep the error that destroyed it',
    'the outcome of a response of HTTP/2 is a failure if its client leaves': 'a stream fails with another error',
    'a scope that runs ticks and microtasks itself': NO_MICROTASKS,
    'the first entry of a process is not seen by work that belongs to nobody': NO_EVENT,
    'the first entry of a process, in nested scopes of a callback': NO_EVENT,
    'the first entry of a process, after an await that began before': NO_EVENT,
  },
};

/** @returns {[beginning: string, why: string][]} the tests that fail on a runtime */
const expected = ({ name }) => Object.entries({ ...(name in differences && differences.both), ...differences[name] });

/** The test files in a folder, except those about one topic. */
function filesOf(folder, except) {
  const names = fs.readdirSync(path.join(root, folder)).filter((name) => name.endsWith('.test.js'));
  return names.filter((name) => name.split('.')[0] !== except).map((name) => path.join(folder, name));
}

/** @type {Record<string, string[]>} files by the title of their row */
const groups = {
  'test/api': filesOf('test/api'),
  // Simulated requests have a row of their own.
  'test/propagation': filesOf('test/propagation', 'cross-talk'),
};

/**
 * Runs test files.
 * @returns {Promise<{ cell: string, isRight: boolean, named: { title: string, beginning: string, why: string }[] }>} the cell of the
 *   table, whether it is right, and the tests that fail for a listed reason
 */
async function runOwnTests(runtime, files) {
  const named = [];
  let [passed, failures] = [0, 0];
  for (const file of files) {
    const { code, stdout, output } = await runtime.runProgram(['tests', file]);
    const lines = stdout.split('\n').filter((line) => line.startsWith('{"'));
    const results = lines.map((line) => JSON.parse(line));
    const last = results.find((result) => 'passed' in result);
    if (last === undefined) results.push({ failed: file, message: `It did not end (${code}).\n${output}` });
    passed += last?.passed ?? 0;
    for (const { failed: title, message } of results.filter((result) => 'failed' in result)) {
      failures++;
      const [beginning, why] = expected(runtime).find(([each]) => title.startsWith(each)) ?? [];
      if (why !== undefined) named.push({ title, beginning, why });
      else console.error(`${runtime.name}: ${title}\n${message}`);
    }
  }
  return { cell: `${passed} of ${passed + failures}`, isRight: passed > 0 && named.length === failures, named };
}

/** The listed tests that did not fail: they were renamed, or pass now. */
function unusedReasons(runtime, named) {
  const beginnings = expected(runtime).map(([beginning]) => beginning);
  return beginnings.filter((each) => !named.some(({ beginning }) => beginning === each));
}

module.exports = { groups, runOwnTests, unusedReasons };
