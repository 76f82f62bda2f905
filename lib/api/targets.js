'use strict';

/**
 * The targets of `endWith`: how to detect that each kind is over, and which event announces it.
 *
 * Emitters are recognised by their methods, so that no module is loaded for that and other runtimes are supported. State that
 * Node.js keeps shows whether the event was already emitted.
 */

const events = require('node:events');
const { isPromise } = require('node:util/types');

const { abortError } = require('../util/abort');
const { SafeSet, SafeWeakMap } = require('../util/primordials');
const { detach } = require('./bind');

const { apply } = Reflect;
const nativeThen = Promise.prototype.then;

const isMethod = (value) => typeof value === 'function';

/** The method that removes a listener of an emitter; undefined if it has none. */
function removerOf(emitter) {
  const remove = emitter.removeListener ?? emitter.off;
  return isMethod(remove) ? remove : undefined;
}

/** Adds a one-time listener. Returns a function that removes it; undefined if that is not possible. */
function listenOnce(emitter, event, listener) {
  emitter.once(event, listener);
  const remove = removerOf(emitter);
  return remove && (() => apply(remove, emitter, [event, listener]));
}

/** The failure of a stream. Other emitters have none. */
const failureOfStream = ({ errored }) => (errored ? { error: errored } : undefined);

const aborted = ({ errored }) => ({ error: errored || abortError() });

/** The failure of a stream of HTTP/2. One that answered HEAD may be `errored` although all went well. */
const failureOfHttp2 = (stream) => (stream.aborted || stream.rstCode !== 0 ? aborted(stream) : undefined);

function emitterKind(event, isOver, failureOf = failureOfStream) {
  const listen = (target, onOver) => listenOnce(target, event, () => onOver(tryFailureOf(failureOf, target)));
  return { __proto__: null, isOver, failureOf, listen };
}

function tryFailureOf(failureOf, target) {
  try {
    return failureOf(target);
  } catch {
    // A getter of the application threw.
    return undefined;
  }
}

const promise = {
  __proto__: null,
  isOver: () => false,
  failureOf: () => undefined,
  listen(target, onOver) {
    // The promise keeps the reactions, and they what is active here: a root must not keep what it hides.
    detach(() => apply(nativeThen, target, [() => onOver(undefined), (reason) => onOver({ error: reason })]));
  },
};

const signal = {
  __proto__: null,
  isOver: (target) => target.aborted,
  failureOf: ({ reason }) => ({ error: reason }),
  listen(target, onAbort) {
    const onOver = () => onAbort(tryFailureOf(signal.failureOf, target));
    // From Node.js 20.5 on, this also works if another listener calls `stopImmediatePropagation`.
    if (events.addAbortListener === undefined) target.addEventListener('abort', onOver, { once: true });
    else events.addAbortListener(target, onOver);
    return () => target.removeEventListener('abort', onOver);
  },
};

/** By connection: callbacks for its `close`, which share one listener. */
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

/** The connection that a pipelined response is queued on, behind earlier responses: it has no socket yet. */
function queueOf({ req, socket }) {
  const connection = socket === null && req?.httpVersionMajor === 1 ? req.socket : undefined;
  return connection?._httpMessage && isMethod(connection.once) ? connection : undefined;
}

/** Whether a response was sent completely. A mock socket doesn't reveal how much it buffers. */
function isSent({ outputSize, socket, writableEnded, writableFinished }) {
  return writableFinished === true || (writableEnded === true && outputSize === 0 && !(socket?.writableLength > 0));
}

/** Whether all of a response that is over was sent. Its socket is taken off then. */
function wasSent({ finished, socket, writableEnded, writableFinished }) {
  return (writableFinished ?? writableEnded ?? finished) === true && socket?.destroyed !== true;
}

/** Node.js 20 and 22 also emit `finish` if the connection fails while the response is being sent. */
const failureAtFinish = (target) => (target.req?.socket?.errored ? aborted(target) : undefined);

/**
 * A response. Servers emit `close` in the tick after `finish`; responses detached from their socket, or made by an adapter or
 * test, emit no `close`. On Node.js 20 and 22, a queued response emits nothing if its connection closes.
 */
const response = {
  __proto__: null,
  isOver(target) {
    const { closed, destroyed, stream } = target;
    if (destroyed === true || closed === true || stream?.destroyed === true) return true;
    return isSent(target) || queueOf(target)?.destroyed === true;
  },
  failureOf(target) {
    const { stream } = target;
    if (stream?.rstCode !== undefined) return failureOfHttp2(stream);
    return wasSent(target) ? undefined : aborted(target);
  },
  listen(target, onEnd) {
    let isFinished = false;
    let failure;
    const onOver = () => {
      // HTTP/2 emits `finish` after an abort as well.
      const isOutcomeKnown = isFinished && target.stream?.rstCode === undefined;
      onEnd(isOutcomeKnown ? failure : tryFailureOf(response.failureOf, target));
    };
    const onFinish = () => {
      isFinished = true;
      failure = tryFailureOf(failureAtFinish, target);
      process.nextTick(onOver);
    };
    const remove = removerOf(target);
    // `once` makes a wrapper of each listener.
    const add = remove !== undefined && isMethod(target.on) ? target.on : target.once;
    apply(add, target, ['close', onOver]);
    apply(add, target, ['finish', onFinish]);
    const connection = queueOf(target);
    const stopQueue = connection && listenToConnection(connection, onOver);
    return () => {
      stopQueue?.();
      if (remove === undefined) return;
      apply(remove, target, ['close', onOver]);
      apply(remove, target, ['finish', onFinish]);
    };
  },
};

const isEmitter = (target) => isMethod(target.once) && isMethod(target.emit);

function isChildOver({ connected, exitCode, signalCode, stdio }) {
  const hasExited = typeof exitCode === 'number' || typeof signalCode === 'string';
  return hasExited && connected !== true && stdio.every((stream) => !stream || stream.destroyed);
}

/** `address()` also throws before the socket is bound, with another code. */
function isDatagramSocketOver(socket) {
  try {
    socket.address();
    return false;
  } catch ({ code }) {
    return code === 'ERR_SOCKET_DGRAM_NOT_RUNNING';
  }
}

/** `ref()` has no effect on a closed port. */
function isPortOver(port) {
  if (port.hasRef()) return false;
  port.ref();
  const isOpen = port.hasRef();
  port.unref();
  return !isOpen;
}

/** Predicates and kinds; the first match counts. */
const kinds = [
  [isPromise, promise],
  [(t) => typeof t.aborted === 'boolean' && isMethod(t.addEventListener), signal],
  [(t) => !isEmitter(t), undefined],
  [(t) => isMethod(t.writeHead) && isMethod(t.setHeader), response],
  // A worker thread; a cluster worker; a child process.
  [(t) => isMethod(t.terminate) && typeof t.threadId === 'number', emitterKind('exit', (t) => t.threadId === -1)],
  [(t) => isMethod(t.isDead) && isMethod(t.isConnected), emitterKind('exit', (t) => t.isDead())],
  [(t) => isMethod(t.kill) && Array.isArray(t.stdio), emitterKind('close', isChildOver)],
  // A server that was listening, has stopped, and has no connections left.
  [
    (t) => isMethod(t.getConnections) && typeof t._connectionKey === 'string',
    emitterKind('close', (t) => t._handle === null && t._connections === 0),
  ],
  [(t) => isMethod(t.addMembership) && isMethod(t.address), emitterKind('close', isDatagramSocketOver)],
  [(t) => isMethod(t.postMessage) && isMethod(t.hasRef), emitterKind('close', isPortOver)],
  // A FileHandle.
  [(t) => isMethod(t.datasync) && typeof t.fd === 'number', emitterKind('close', (t) => t.fd === -1)],
  // An fs.watchFile watcher; an fs.watch watcher.
  [(t) => isMethod(t.stop) && Object.hasOwn(t, '_handle'), emitterKind('stop', (t) => t._handle === null)],
  [isFileWatcher, emitterKind('close', (t) => t._handle === null)],
  // HTTP/2 sessions and streams are `closed` before they are destroyed.
  [(t) => isMethod(t.goaway), emitterKind('close', (t) => t.destroyed)],
  [(t) => 'rstCode' in t, emitterKind('close', (t) => t.destroyed, failureOfHttp2)],
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
 * @typedef {{ error: unknown } | undefined} Failure
 * @returns {{
 *   isOver: (target: object) => boolean,
 *   failureOf: (target: object) => Failure,
 *   listen: (target: object, onOver: (failure: Failure) => void) => (() => void) | undefined,
 * } | undefined} `failureOf` is for a target that is over already. `listen` calls `onOver` when the target is over, maybe
 *   repeatedly, and returns a function that cancels this, if possible. Undefined if nothing signals the end of the target
 */
function kindOf(target) {
  if ((typeof target !== 'object' && typeof target !== 'function') || target === null) return undefined;
  try {
    for (let index = 0; index < kinds.length; index++) {
      const { 0: isKind, 1: kind } = kinds[index];
      if (isKind(target)) return kind;
    }
  } catch {
    // A proxy or getter threw.
  }
  return undefined;
}

module.exports = { kindOf };
