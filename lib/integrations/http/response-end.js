'use strict';

/** When the response to a request is over. */

const { SafeSet, SafeWeakMap } = require('../../util/primordials');

/** What waits for the close of a connection: by its socket, on which there is one listener for all. */
const waitingFor = new SafeWeakMap();

function waitingForClose(socket) {
  let waiting = waitingFor.get(socket);
  if (waiting === undefined) {
    waiting = new SafeSet();
    waitingFor.set(socket, waiting);
    socket.once('close', () => waiting.forEach((tell) => tell()));
  }
  return waiting;
}

/** Whether a response waits for those to requests that came before on the same connection (pipelining): it has no socket yet. */
function isQueued({ httpVersionMajor, socket }, response) {
  return httpVersionMajor === 1 && Boolean(socket) && socket !== response && response.socket === null;
}

/**
 * With what a request is over: with its response, or the socket of an upgrade. To a response that is queued when the connection is
 * closed Node.js 20 and 22 tell nothing of that, so it is over with the connection, too.
 *
 * @param {IncomingMessage} request
 * @param {object} target the response, stream or socket
 * @returns {object} what `endWith` takes
 */
function endOf(request, target) {
  if (!isQueued(request, target)) return target;
  return new Promise((resolve) => {
    if (request.socket.destroyed) resolve();
    const waiting = waitingForClose(request.socket);
    waiting.add(resolve);
    target.once('close', () => {
      waiting.delete(resolve);
      resolve();
    });
  });
}

module.exports = { endOf };
