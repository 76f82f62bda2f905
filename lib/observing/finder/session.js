'use strict';

/** The finder of a thread from its first line to its last: prints what was found when the thread ends, and at SIGUSR2. */

const fs = require('node:fs');
const path = require('node:path');
const { isMainThread, threadId } = require('node:worker_threads');

const { findings } = require('./exports');
const { failures, start } = require('./finder');
const { readWords } = require('./options');
const { printed } = require('./print');

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'];

function say(text) {
  try {
    fs.writeSync(2, text);
  } catch {
    process.stderr.write(text);
  }
}

function report() {
  return { findings: findings(), failures: [...failures] };
}

/** At the end: for the command, which collects what all threads found, or for the reader. */
function finish({ fail, json }, folder) {
  const found = report();
  if (folder !== undefined) {
    if (found.findings.length + found.failures.length === 0) return;
    fs.writeFileSync(path.join(folder, `${process.pid}-${threadId}.json`), JSON.stringify(found));
    return;
  }
  say(printed(found));
  if (json !== undefined && isMainThread) fs.writeFileSync(json, `${JSON.stringify(found.findings, undefined, 2)}\n`);
  if (fail && found.findings.length > 0) process.exitCode ||= 1;
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

/**
 * Starts the finder.
 * @param {NodeJS.ProcessEnv} env CONTEXT_FINDER has the options; CONTEXT_FINDER_FOLDER is where context-find collects findings
 * @throws {Error} with code ERR_CONTEXT_ACORN, ERR_CONTEXT_FINDER_RUNNING or ERR_INVALID_ARG_VALUE
 */
function begin({ CONTEXT_FINDER: words = '', CONTEXT_FINDER_FOLDER: folder }) {
  const options = readWords(words);
  start(options);
  let isFinished = false;
  const end = () => {
    if (isFinished) return;
    isFinished = true;
    finish(options, folder);
  };
  process.on('exit', end);
  if (!isMainThread) return;
  finishAtSignals(end);
  if (process.platform !== 'win32') process.on('SIGUSR2', () => say(printed(report())));
}

module.exports = { begin };
