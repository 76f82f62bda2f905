'use strict';

/**
 * What a context can end with: how each kind of target is known to be over, and how to hear of it.
 *
 * An emitter is over with an event, mostly `close`. Whether that was emitted before is seen by what Node.js keeps. Kinds of emitters
 * are known by their methods, so that no module has to be loaded for it, and other runtimes have them too.
 */

const events = require('node:events');
const { isPromise } = require('node:util/types');

const { SafeSet, SafeWeakMap } = require('../util/primordials');

const { apply } = Reflect;
const nativeThen = Promise.prototype.then;

const isMethod = (value) => typeof value === 'function';

/** Puts a listener on an emitter. Returns a function that takes it off, or undefined if the emitter has no way to do that. */
function listenOnce(emitter, event, listener) {
  emitter.once(event, listener);
  const remove = emitter.removeListener ?? emitter.off;
  return isMethod(remove) ? () => apply(remove, emitter, [event, listener]) : undefined;
}

/** A kind of emitters that are over with an event. */
function emitterKind(event, isOver) {
  return { __proto__: null, isOver, listen: (target, onOver) => listenOnce(target, event, onOver) };
}

const promise = {
  __proto__: null,
  isOver: () => false,
  listen(target, onOver) {
    apply(nativeThen, target, [onOver, onOver]);
  },
};

const signal = {
  __proto__: null,
  isOver: ({ aborted }) => aborted,
  listen(target, onOver) {
    // Also called if another listener stops the event (`stopImmediatePropagation`), from Node.js 20.5 on.
    if (events.addAbortListener === undefined) target.addEventListener('abort', onOver, { once: true });
    else events.addAbortListener(target, onOver);
    return () => target.removeEventListener('abort', onOver);
  },
};

/** By a connection, the functions to call when it closes: it has one listener for all. */
const waitingFor = new SafeWeakMap();

function listenToConnection(connection, onOver) {
  let waiting = waitingFor.get(connection);
  if (waiting === undefined) {
    waiting = new SafeSet();
    waitingFor.set(connection, waiting);
    connection.once('close', () => waiting.forEach((each) => each()));
  }
  waiting.add(onOver);
  return () => waiting.delete(onOver);
}

/** The connection whose earlier responses have to be sent before this one (pipelining): until then it has no socket. */
function queueOf({ req, socket }) {
  const connection = socket === null && req?.httpVersionMajor === 1 ? req.socket : undefined;
  return connection?._httpMessage && isMethod(connection.once) ? connection : undefined;
}

/** Whether all of a response was sent. Of a socket that an adapter has made up, nobody knows how much it holds. */
function isSent({ outputSize, socket, writableEnded, writableFinished }) {
  return writableFinished === true || (writableEnded === true && outputSize === 0 && !(socket?.writableLength > 0));
}

/**
 * The response to a request. A server closes it in the tick after `finish`. Nobody does if it was taken off its socket, or if an adapter or
 * a test made it: then it is over without `close`. On Node.js 20 and 22 nothing is emitted on a queued response if the connection closes.
 */
const response = {
  __proto__: null,
  isOver(target) {
    const { closed, destroyed, stream } = target;
    if (destroyed === true || closed === true || stream?.destroyed === true) return true;
    return isSent(target) || queueOf(target)?.destroyed === true;
  },
  listen(target, onOver) {
    const stops = [listenOnce(target, 'close', onOver), listenOnce(target, 'finish', () => process.nextTick(onOver))];
    const connection = queueOf(target);
    if (connection !== undefined) stops[2] = listenToConnection(connection, onOver);
    return () => stops.forEach((stop) => stop?.());
  },
};

const isEmitter = (target) => isMethod(target.once) && isMethod(target.emit);

function isChildOver({ connected, exitCode, signalCode, stdio }) {
  const hasExited = typeof exitCode === 'number' || typeof signalCode === 'string';
  return hasExited && connected !== true && stdio.every((stream) => !stream || stream.destroyed);
}

/** It can't be asked for its address then, but before it is bound neither: the codes differ. */
function isDatagramSocketOver(socket) {
  try {
    socket.address();
    return false;
  } catch ({ code }) {
    return code === 'ERR_SOCKET_DGRAM_NOT_RUNNING';
  }
}

/** One that is closed can't be made to keep the loop alive. */
function isPortOver(port) {
  if (port.hasRef()) return false;
  port.ref();
  const isOpen = port.hasRef();
  port.unref();
  return !isOpen;
}

/** Kinds of targets, and what is asked of a target to know its kind. The first one that fits counts. */
const kinds = [
  [isPromise, promise],
  [(t) => typeof t.aborted === 'boolean' && isMethod(t.addEventListener), signal],
  [(t) => !isEmitter(t), undefined],
  [(t) => isMethod(t.writeHead) && isMethod(t.setHeader), response],
  // A worker thread; a worker of node:cluster; a child process.
  [(t) => isMethod(t.terminate) && typeof t.threadId === 'number', emitterKind('exit', (t) => t.threadId === -1)],
  [(t) => isMethod(t.isDead) && isMethod(t.isConnected), emitterKind('exit', (t) => t.isDead())],
  [(t) => isMethod(t.kill) && Array.isArray(t.stdio), emitterKind('close', isChildOver)],
  // A server that has listened and does not any more, and has no connection left.
  [
    (t) => isMethod(t.getConnections) && typeof t._connectionKey === 'string',
    emitterKind('close', (t) => t._handle === null && t._connections === 0),
  ],
  [(t) => isMethod(t.addMembership) && isMethod(t.address), emitterKind('close', isDatagramSocketOver)],
  [(t) => isMethod(t.postMessage) && isMethod(t.hasRef), emitterKind('close', isPortOver)],
  // A FileHandle, whose descriptor is -1 then.
  [(t) => isMethod(t.datasync) && typeof t.fd === 'number', emitterKind('close', (t) => t.fd === -1)],
  // What fs.watchFile returns; what fs.watch returns.
  [(t) => isMethod(t.stop) && Object.hasOwn(t, '_handle'), emitterKind('stop', (t) => t._handle === null)],
  [isFileWatcher, emitterKind('close', (t) => t._handle === null)],
  // A session or stream of HTTP/2 is `closed` when it takes nothing new.
  [(t) => isMethod(t.goaway) || 'rstCode' in t, emitterKind('close', (t) => t.destroyed)],
  // A WebSocket of the package ws.
  [
    (t) => typeof t.readyState === 'number' && typeof t.CLOSED === 'number',
    emitterKind('close', (t) => t.readyState === t.CLOSED),
  ],
  // A stream, a readline interface, any other emitter.
  [() => true, emitterKind('close', (t) => t.destroyed === true || t.closed === true)],
];

function isFileWatcher(target) {
  return Object.hasOwn(target, '_handle') && target.constructor?.name === 'FSWatcher';
}

/**
 * @param {unknown} target
 * @returns {{ isOver: (target: object) => boolean, listen: (target: object, onOver: () => void) => (() => void) | undefined } | undefined}
 *   `listen` has `onOver` called when the target is over, maybe more than once, and returns a function that undoes this, if there is a
 *   way; undefined if nothing tells when the target is over
 */
function kindOf(target) {
  if ((typeof target !== 'object' && typeof target !== 'function') || target === null) return undefined;
  try {
    for (let index = 0; index < kinds.length; index++) {
      const { 0: isKind, 1: kind } = kinds[index];
      if (isKind(target)) return kind;
    }
  } catch {
    // It does not let itself be looked at.
  }
  return undefined;
}

module.exports = { kindOf };
