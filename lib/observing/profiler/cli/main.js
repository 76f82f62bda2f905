#!/usr/bin/env node
'use strict';

/** The command context-profile: runs a program in this process, and profiles it from its first line to its last. */

const Module = require('node:module');

const { continuous } = require('..');
const { Files, say } = require('./files');
const { HELP, parse } = require('./options');
const { labelRequests } = require('./routes');

/** By which a program is asked to end. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** A day. */
const LONGEST = 86_400_000;

/** Has what is profiled written before a signal ends the program, unless the program itself listens for it: then it ends as it wants. */
function writeBeforeSignals(stop) {
  for (const signal of ENDING) {
    const listener = () => {
      if (process.listenerCount(signal) > 1) return;
      process.removeListener(signal, listener);
      stop();
      process.kill(process.pid, signal);
    };
    process.on(signal, listener);
  }
}

/**
 * Begins to profile.
 *
 * @returns {(() => void) | undefined} runs the program; undefined if there is none to be run
 * @throws {Error} if the command line makes no sense, or nothing can be written
 */
function prepare() {
  const options = parse(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return undefined;
  }
  const { program, args, every = LONGEST, interval, labels, out } = options;
  const files = new Files(out);
  const profiling = continuous({ every, interval, labels: ['method', 'route', ...labels] }, (profile) => files.write(profile));
  labelRequests();
  process.on('exit', () => profiling.stop());
  writeBeforeSignals(() => profiling.stop());
  if (process.platform !== 'win32') process.on('SIGUSR2', () => profiling.flush());
  say(`profiling ${program}, process ${process.pid}; kill -USR2 ${process.pid} writes what there is`);
  process.argv.splice(1, Infinity, program, ...args);
  return () => Module.runMain();
}

let run;
try {
  run = prepare();
} catch (error) {
  say(`${error.message}. See context-profile --help`);
  process.exitCode = 2;
}
// Its errors are its own.
run?.();
