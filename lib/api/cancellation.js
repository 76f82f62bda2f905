'use strict';

/** The signal and the deadline of a context. */

const { clearTimeout, setTimeout } = require('node:timers');

const engine = require('../engine');
const { TotalCall, enterCall, leaveCall } = require('../engine/call');
const { frameOf } = require('../frames/snapshot');
const { AbortController, timeoutError } = require('../util/abort');
const { readClock, safeArray } = require('../util/primordials');
const { AbortSource } = require('./abort-source');
const { detach } = require('./bind');

const MILLISECOND = 1e6;

/** Reads the clock, in milliseconds, also if a test library has replaced it. */
const readNow = () => Number(readClock()) / MILLISECOND;

/** Before all times. */
const PAST = -Infinity;

const NEVER = Infinity;

class Cancellation extends AbortSource {
  #timer = undefined;
  #deadline = NEVER;

  get remainingTime() {
    return this.#deadline === NEVER ? NEVER : Math.max(0, this.#deadline - readNow());
  }

  /** Aborts a context after a time. The timer runs in no context, and keeps no process alive. */
  startTimer(lifetime, timeout) {
    this.#deadline = readNow() + timeout;
    this.#timer = detach(setTimeout, timeOut, timeout, lifetime);
    this.#timer.unref();
  }

  expire() {
    this.#deadline = PAST;
  }

  close() {
    super.close();
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** Aborts a context whose time is up, in the context itself. */
function timeOut(lifetime) {
  lifetime.cancellation.expire();
  const callerSnapshot = engine.current();
  const call = new TotalCall(callerSnapshot, lifetime.entered(callerSnapshot, undefined, undefined));
  enterCall(call);
  try {
    lifetime.abort(timeoutError());
  } finally {
    leaveCall(call);
  }
}

/** A signal that never aborts. A shared one would collect listeners. */
const idleSignal = () => new AbortController().signal;

/** See `Context.signal`. */
const signalOf = (lifetime) => (lifetime.isDefault ? idleSignal() : lifetime.cancellable().signal);

/** The lifetimes from a frame outwards, as far as `get` looks; each once in a row. */
function lifetimesFrom(frame, lifetimeOf) {
  const lifetimes = safeArray();
  let last;
  for (let at = frame; at !== undefined; at = at.enclosing) {
    const lifetime = lifetimeOf(at.context);
    if (lifetime.isDefault) break;
    if (lifetime !== last) lifetimes[lifetimes.length] = lifetime;
    last = lifetime;
  }
  return lifetimes;
}

/**
 * See `Namespace.signal`.
 * @param {Frame | undefined} frame the active one
 * @param {(context: Context) => Lifetime} lifetimeOf
 */
function activeSignal(frame, lifetimeOf) {
  const lifetimes = lifetimesFrom(frame, lifetimeOf);
  if (lifetimes.length === 0) return idleSignal();
  let source = lifetimes[lifetimes.length - 1].cancellable();
  for (let index = lifetimes.length - 2; index >= 0; index--) source = lifetimes[index].cancellable().within(source);
  return source.signal;
}

/** See `Context.remainingTime`. */
function remainingTime(lifetime, lifetimeOf) {
  let nearest = lifetime.cancellation?.remainingTime ?? NEVER;
  const frame = lifetime.frameIn(frameOf(engine.current(), lifetime.slot));
  const lifetimes = lifetimesFrom(frame, lifetimeOf);
  for (let index = 0; index < lifetimes.length; index++) {
    const remaining = lifetimes[index].cancellation?.remainingTime ?? NEVER;
    if (remaining < nearest) nearest = remaining;
  }
  return nearest;
}

module.exports = { Cancellation, activeSignal, remainingTime, signalOf };
