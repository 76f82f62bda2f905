'use strict';

/**
 * `run.js <module> <programs as JSON>` runs programs in this process with one of the modules, by their names: a single one at once, in
 * the main script; of several the first one at the start, and each further one when the one before has nothing left to do. Prints a
 * line of JSON for each that one logs: its name, and the text.
 */

const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks');
const { EventEmitter } = require('node:events');
const { format } = require('node:util');

const { createNamespace } = require('context');

const [module_, text] = process.argv.slice(2);
const domain = require(module_);
const programs = Object.entries(JSON.parse(text));

/** Throws an error. */
const fail = (message) => {
  throw new Error(message);
};

/** What a program finds. */
const toolsOf = (name) => {
  const log = (...args) => console.log(JSON.stringify([name, format(...args)]));
  return {
    AsyncLocalStorage,
    AsyncResource,
    EventEmitter,
    createNamespace,
    domain,
    fail,
    log,
    require,

    /** A domain that logs the errors it receives. */
    got(who) {
      const d = domain.create();
      d.on('error', (error) => log(who, 'got', error?.message ?? error, error?.domainThrown, error?.domain === d));
      return d;
    },

    /** A domain that throws another error for each that it receives. */
    throwing: (who) =>
      domain.create().on('error', (error) => {
        log(who, 'throws', error.message);
        fail(`${who} after ${error.message}`);
      }),
  };
};

function run([name, program]) {
  const tools = toolsOf(name);
  new Function(...Object.keys(tools), program)(...Object.values(tools));
}

if (programs.length === 1) {
  run(programs[0]);
} else {
  process.on('beforeExit', () => {
    // What was entered and not left stays active in the domain of Node.js.
    while (domain.active) domain.active.exit();
    if (programs.length > 0) setImmediate(run, programs.shift());
  });
}
