'use strict';

/**
 * What can be watched from outside: the channels of node:diagnostics_channel that tell what is made and what ends, and the log
 * of entries and exits that NODE_DEBUG=context asks for.
 */

const { channel } = require('node:diagnostics_channel');
const { debuglog } = require('node:util');

const debug = debuglog('context');

module.exports = {
  /** Publishes { namespace } when one has been created. */
  namespaceChannel: channel('context.namespace'),

  /** Publishes { context } when one has been created. */
  createChannel: channel('context.create'),

  /** Publishes { context } when one is about to emit `end`. */
  endChannel: channel('context.end'),

  /** Whether entries and exits are logged: asked once, as the answer is needed where it must cost nothing. */
  logs: debug.enabled,

  /** Logs that a context is entered or left. */
  log(event, context) {
    debug('%s %o', event, context);
  },
};
