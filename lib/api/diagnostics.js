'use strict';

/**
 * What can be watched from outside: the channels of node:diagnostics_channel that tell what is made and what ends, and the log
 * of entries and exits that NODE_DEBUG=context asks for.
 */

const { channel } = require('node:diagnostics_channel');
const { debuglog, inspect } = require('node:util');

const debug = debuglog('context');

/** Whether NODE_DEBUG asks for the log. Bun writes it, and does not tell. */
function isAskedFor() {
  return (process.env.NODE_DEBUG ?? '').toLowerCase().split(',').includes('context');
}

/** Whether a line is being written: what shows a value may enter and leave contexts itself. */
let isLogging = false;

/** Writes a line about a context, with its values if they are asked for and let themselves be shown. */
function logLine(event, context, withValues) {
  if (withValues) {
    try {
      debug('%s %o', event, context);
      return;
    } catch {
      // What is shown by itself below.
    }
  }
  debug('%s %s (its values cannot be shown)', event, inspect(context, { depth: -1 }));
}

module.exports = {
  /** Publishes { namespace } when one has been created. */
  namespaceChannel: channel('context.namespace'),

  /** Publishes { context } when one has been created. */
  createChannel: channel('context.create'),

  /** Publishes { context } when one is about to emit `end`. */
  endChannel: channel('context.end'),

  /** Whether entries and exits are logged: asked once, as the answer is needed where it must cost nothing. */
  logs: debug.enabled ?? isAskedFor(),

  /**
   * Logs that a context is entered or left. Never throws, as it runs in the middle of that: to show a value may call code of
   * the application's, and to write may fail.
   *
   * @param {string} event
   * @param {Context} context
   */
  log(event, context) {
    const isNested = isLogging;
    isLogging = true;
    try {
      logLine(event, context, !isNested);
    } catch {
      // Not even the line can be written, or there is no room left on the stack.
    }
    isLogging = isNested;
  },
};
