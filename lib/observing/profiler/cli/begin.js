'use strict';

const { CONTINUOUS_INTERVAL, SHORTEST_PROFILE } = require('../options');
const { Files, say } = require('./files');
const { HELP, parse } = require('./options');
const { labelRequests } = require('./routes');

/** Signals that ask a program to end. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Default limits of one profile, in samples and milliseconds: larger ones are too large for most viewers. */
const MOST_SAMPLES = 3_600_000;
const LONGEST = 3_600_000;

/**
 * Writes the current profile when a signal asks the program to end. Then the signal has its usual effect: it ends the program,
 * unless that listens for it.
 */
function writeAtSignals(profiling, onSignal) {
  for (const signal of ENDING) {
    const listener = () => {
      profiling.flush();
      onSignal();
      // Some listeners end the process if no others exist (the package signal-exit).
      process.removeListener(signal, listener);
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
      else setImmediate(() => process.prependListener(signal, listener));
    };
    process.on(signal, listener);
  }
}

/** Starts profiling; returns false if the command line only asks for help. */
function prepare({ continuous, createNamespace, http }) {
  const options = parse(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return false;
  }
  const { program, args, interval = CONTINUOUS_INTERVAL, labels, out } = options;
  const { every = Math.max(SHORTEST_PROFILE, Math.min(LONGEST, MOST_SAMPLES * interval)) } = options;
  const files = new Files(out, ['route', ...labels], interval);
  let isRest = false;
  const onProfile = (profile) => {
    const isRestOfThis = isRest;
    isRest = false;
    files.write(profile, isRestOfThis);
  };
  const profiling = continuous({ every, interval, keys: ['method', 'route', ...labels] }, onProfile);
  labelRequests(createNamespace('context-profile'), http);
  process.on('exit', () => profiling.stop());
  writeAtSignals(profiling, () => (isRest = true));
  if (process.platform !== 'win32') process.on('SIGUSR2', () => profiling.flush());
  say(`profiling ${program}, process ${process.pid}; kill -USR2 ${process.pid} writes the profile so far`);
  process.argv.splice(1, Infinity, program, ...args);
  return true;
}

/**
 * Starts profiling this process with the options of the command line, and sets `process.argv` for the program.
 * @param {{ continuous: Function, createNamespace: Function, http: object }} exports of the package, as the program gets them
 * @returns {boolean} whether there is a program to run. After an invalid command line, the exit code is 2
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
