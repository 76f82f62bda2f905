'use strict';

/**
 * `node --require context/finder/register app.js`: starts the finder in this thread, with the options in CONTEXT_FINDER, and prints
 * what was found when the thread ends, and at SIGUSR2. CONTEXT_FINDER_FOLDER is where context-find collects that instead.
 */

const fs = require('node:fs');
const path = require('node:path');
const { isMainThread, parentPort, threadId } = require('node:worker_threads');

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'];

function say(text) {
  try {
    fs.writeSync(2, text);
  } catch {
    process.stderr.write(text);
  }
}

/** A signal that ends the program emits no `exit`. Programs that listen for it end in their own way. */
function finishAtSignals(end) {
  for (const signal of ENDING) {
    const listener = () => {
      process.removeListener(signal, listener);
      if (process.listenerCount(signal) > 0) {
        setImmediate(() => process.prependListener(signal, listener));
        return;
      }
      end();
      process.kill(process.pid, signal);
    };
    process.on(signal, listener);
  }
}

function begin({ CONTEXT_FINDER: words = '', CONTEXT_FINDER_FOLDER: folder }) {
  const { exportsOf } = require('../../copies');
  const { start } = require('./finder');
  const { readWords } = require('./options');
  const { printed } = require('./report');

  // The application's copies of the package share this one's namespaces.
  exportsOf('index');
  exportsOf('finder');
  const options = readWords(words);
  const { report } = start(options);
  let isFinished = false;
  const end = () => {
    if (isFinished) return;
    isFinished = true;
    const found = report();
    const { findings, failures } = found;
    if (folder !== undefined) {
      const file = path.join(folder, `${process.pid}-${threadId}.json`);
      if (findings.length + failures.length > 0) fs.writeFileSync(file, JSON.stringify(found));
      return;
    }
    say(printed(found));
    if (options.json !== undefined && isMainThread)
      fs.writeFileSync(options.json, `${JSON.stringify(findings, undefined, 2)}\n`);
    if (options.fail && findings.length > 0) process.exitCode ||= 1;
  };
  process.on('exit', end);
  if (!isMainThread) return;
  finishAtSignals(end);
  if (process.platform !== 'win32') process.on('SIGUSR2', () => say(printed(report())));
}

// The thread of Node.js' loader, which also runs what --require names, is no thread of the program.
if (isMainThread || parentPort !== null) begin(process.env);
