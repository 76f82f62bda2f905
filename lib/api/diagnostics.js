'use strict';

/** Channels of node:diagnostics_channel, and the log that NODE_DEBUG=context enables. */

const { channel } = require('node:diagnostics_channel');
const { debuglog, inspect } = require('node:util');

const debug = debuglog('context');

/** Whether NODE_DEBUG enables the log. Bun has `debuglog` without `enabled`. */
function isAskedFor() {
  return (process.env.NODE_DEBUG ?? '').toLowerCase().split(',').includes('context');
}

/** Whether a line is being written: inspecting a value may enter and leave contexts. */
let isLogging = false;

function logLine(event, context, withValues) {
  if (withValues) {
    try {
      debug('%s %o', event, context);
      return;
    } catch {
      // Inspecting the values failed: log without them.
    }
  }
  debug('%s %s (its values cannot be shown)', event, inspect(context, { depth: -1 }));
}

module.exports = {
  /** Publishes { namespace } after one was created. */
  namespaceChannel: channel('context.namespace'),

  /** Publishes { context } after one was created. */
  createChannel: channel('context.create'),

  /** Publishes { context } before it emits `end`. */
  endChannel: channel('context.end'),

  /** Read once, so that the check is free on hot paths. */
  logs: debug.enabled ?? isAskedFor(),

  /** Logs that a context was entered or left. Never throws, although it may run the application's inspectors. */
  log(event, context) {
    const isNested = isLogging;
    isLogging = true;
    try {
      logLine(event, context, !isNested);
    } catch {
      // Writing failed, or the stack is full.
    }
    isLogging = isNested;
  },
};
