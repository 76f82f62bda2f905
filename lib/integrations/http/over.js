'use strict';

/** What happens when a response is over, before its context ends. */

const { callOutside } = require('../../foundation');
const { SafeMap, SafeWeakMap } = require('../../util/primordials');

/**
 * Whether a response was not sent completely when it closed: its client is gone, or the application destroyed it.
 */
function isCutShort({ finished, socket, stream, writableEnded, writableFinished }) {
  if (stream?.rstCode !== undefined) return isStreamCutShort(stream);
  return (writableFinished ?? writableEnded ?? finished) !== true || socket?.destroyed === true;
}

/** A stream of HTTP/2 whose client goes before the response was ended is `aborted`, and yet emits `finish`. */
const isStreamCutShort = ({ aborted, rstCode, writableFinished }) => aborted || (rstCode !== 0 && writableFinished !== true);

/**
 * Node.js starts the timer of an idle connection in the context of the last request, which the timer would keep alive. This
 * restarts the timer outside all contexts.
 */
function forgetWhenIdle(socket) {
  if (socket?.timeout > 0 && !socket.destroyed) callOutside(() => socket.setTimeout(socket.timeout));
}

/** By connection: the contexts of pipelined responses that wait for their turn. Node.js 20 and 22 close them without an event. */
const queues = new SafeWeakMap();

/** Aborts contexts in a queue when their connection closes. */
function abortWithConnection(socket, response, context) {
  let queue = queues.get(socket);
  if (queue === undefined) {
    queue = new SafeMap();
    queues.set(socket, queue);
    socket.once('close', () => queue.forEach((each) => each.run(() => each.abort())));
  }
  queue.set(response, context);
}

/**
 * Aborts a context if its response is cut short. To be called before `endWith`: a context that has ended does not abort.
 * @param {RequestLike} request
 * @param {ResponseLike} target of `request`, a stream of HTTP/2, or the socket of an upgrade, which is not aborted
 * @param {Context} context
 */
function watchOver({ httpVersionMajor, socket, stream }, target, context) {
  if (target === stream) {
    target.once('close', () => isStreamCutShort(target) && context.abort());
  } else if (target !== socket) {
    const isQueued = httpVersionMajor === 1 && target.socket === null && typeof socket?.once === 'function';
    if (isQueued) abortWithConnection(socket, target, context);
    target.once('close', () => {
      if (isQueued) queues.get(socket)?.delete(target);
      if (isCutShort(target)) context.abort();
      if (httpVersionMajor === 1) forgetWhenIdle(socket);
    });
  }
}

module.exports = { watchOver };
