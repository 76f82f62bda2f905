'use strict';

const { Files, say } = require('./files');
const { HELP, parse } = require('./options');
const { labelRequests } = require('./routes');

/** By which a program is asked to end. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** How many samples a profile has at most, and how long it lasts, in milliseconds, unless the command line says: for hours it is too large for most viewers. */
const MOST_SAMPLES = 3_600_000;
const LONGEST = 3_600_000;
const SHORTEST = 1000;

/**
 * Has what is profiled written when a signal comes by which the program is asked to end. Then the signal does what it would do without
 * this: it ends the program, unless that listens for it.
 */
function writeAtSignals(profiling, onSignal) {
  for (const signal of ENDING) {
    const listener = () => {
      profiling.flush();
      onSignal();
      // Some listeners look whether they are alone, and end the process if so (the package signal-exit).
      process.removeListener(signal, listener);
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
      else setImmediate(() => process.prependListener(signal, listener));
    };
    process.on(signal, listener);
  }
}

/** Begins to profile what the command line says, unless that asks for help. */
function prepare({ continuous, createNamespace, instrument }) {
  const options = parse(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return false;
  }
  const { program, args, interval, labels, out } = options;
  const { every = Math.max(SHORTEST, Math.min(LONGEST, MOST_SAMPLES * (interval ?? 1))) } = options;
  const files = new Files(out, ['route', ...labels]);
  let isRest = false;
  const onProfile = (profile) => {
    const isRestOfThis = isRest;
    isRest = false;
    files.write(profile, isRestOfThis);
  };
  const profiling = continuous({ every, interval, keys: ['method', 'route', ...labels] }, onProfile);
  labelRequests(createNamespace('context-profile'), instrument);
  process.on('exit', () => profiling.stop());
  writeAtSignals(profiling, () => (isRest = true));
  if (process.platform !== 'win32') process.on('SIGUSR2', () => profiling.flush());
  say(`profiling ${program}, process ${process.pid}; kill -USR2 ${process.pid} writes what there is`);
  process.argv.splice(1, Infinity, program, ...args);
  return true;
}

/**
 * Begins to profile this process as the command line says, and makes `process.argv` that of the program which is to be run.
 *
 * @param {{ continuous: Function, createNamespace: Function, instrument: Function }} exports of the package, as the program gets them
 * @returns {boolean} whether there is a program to be run. If the command line makes no sense, that was said, and the exit code is 2
 */
function begin(exports) {
  try {
    return prepare(exports);
  } catch (error) {
    say(`${error.message}. See context-profile --help`);
    process.exitCode = 2;
    return false;
  }
}

module.exports = { begin };
