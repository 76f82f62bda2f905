'use strict';

/** What happens when a response is over, before its context ends. */

const { detach, lifetimeOf } = require('../../foundation');

/**
 * Whether a response was not sent completely when it closed: its client is gone, or the application destroyed it.
 */
function isCutShort(target) {
  const { finished, rstCode, socket, stream, writableEnded, writableFinished } = target;
  if (rstCode !== undefined || stream?.rstCode !== undefined) return isStreamCutShort(stream ?? target);
  return (writableFinished ?? writableEnded ?? finished) !== true || socket?.destroyed === true;
}

/** Node.js 20 and 22 also emit `finish` if the connection fails while the response is being sent. */
const isLost = (connection) => Boolean(connection?.errored);

/** A stream of HTTP/2 whose client goes before the response was ended is `aborted`, and yet emits `finish`. */
const isStreamCutShort = ({ aborted, rstCode, writableFinished }) => aborted || (rstCode !== 0 && writableFinished !== true);

/**
 * Node.js starts the timer of an idle connection in the context of the last request, which the timer would keep alive. This
 * restarts the timer outside all contexts.
 */
function forgetWhenIdle(socket) {
  if (socket?.timeout > 0 && !socket.destroyed) detach(() => socket.setTimeout(socket.timeout));
}

/** Aborts the context of a response that is cut short, and restarts the connection's timer. */
class Over {
  /**
   * @param {RequestLike} request
   * @param {Context} context
   */
  constructor({ httpVersionMajor, socket }, context) {
    this.socket = httpVersionMajor === 1 ? socket : undefined;
    this.context = context;
  }

  /** Called when the response is over, before the context ends: afterwards it would not abort. */
  over(target) {
    const { context, socket } = this;
    try {
      // On Node.js 20 and 22, a response that waits for its turn is over by an event of its connection.
      if (isCutShort(target) || isLost(socket)) context.run(() => context.abort());
      if (socket !== undefined) forgetWhenIdle(socket);
    } catch {
      // A getter of the application threw.
    }
  }
}

Object.setPrototypeOf(Over.prototype, null);

/**
 * Ends a context with its response, and aborts it if the response is cut short.
 * @param {RequestLike} request
 * @param {ResponseLike} target of `request`, a stream of HTTP/2, or the socket of an upgrade, which is not aborted
 * @param {Context} context
 */
function endWithResponse(request, target, context) {
  lifetimeOf(context).endWith(target, target === request.socket ? undefined : new Over(request, context));
}

module.exports = { endWithResponse };
