'use strict';

/** `enter` and `exit`: entries into a context that last until they are undone. */

const engine = require('../engine');
const { frameOf, restack, withFrame } = require('../frames/snapshot');
const { withCode } = require('../util/errors');
const { log, logs } = require('./diagnostics');

/** Identifies one `enter()`. Frames refer to it, so it doesn't refer to what a root hides: only the scope does. */
class Entry {
  /** @param {boolean} hides whether it is the entry of a root that hides another context */
  constructor(hides) {
    this.hides = hides;

    /** Whether its scope was disposed of while a root hid it. */
    this.isLeft = false;

    /** What a root hid, if it was left like that. */
    this.hidden = undefined;
  }

  /** Only calls emit `end`. */
  get emitsEnd() {
    return false;
  }
}

Object.setPrototypeOf(Entry.prototype, null);

/** The result of `enter()`, undone at the end of a block by `using`. */
class Scope {
  #lifetime;
  #entry;
  #hidden;

  /**
   * @param {Lifetime | undefined} lifetime of the context; undefined if `enter()` changed nothing
   * @param {Entry} [entry]
   * @param {Frame | undefined} [hidden] what was active, if the context is a root
   */
  constructor(lifetime, entry, hidden) {
    this.#lifetime = lifetime;
    this.#entry = entry;
    this.#hidden = hidden;
  }

  /** Leaves the context. Does nothing the second time, or if it was already left. */
  [Symbol.dispose ?? Symbol.for('nodejs.dispose')]() {
    const lifetime = this.#lifetime;
    const hidden = this.#hidden;
    this.#lifetime = undefined;
    this.#hidden = undefined;
    if (lifetime !== undefined) leave(lifetime, this.#entry, hidden);
  }
}

function leave(lifetime, entry, hidden) {
  const snapshot = engine.current();
  const activeFrame = frameOf(snapshot, lifetime.slot);
  let frame = activeFrame;
  let outermost;
  while (frame !== undefined && frame.entry !== entry) {
    outermost = frame;
    frame = frame.enclosing;
  }
  if (frame !== undefined) {
    takeOff(lifetime, snapshot, activeFrame, frame, uncovered(frame.enclosing ?? hidden));
  } else if (outermost?.entry?.hides === true) {
    entry.isLeft = true;
    entry.hidden = hidden;
  }
}

/** What a root hid, without the entries that were left meanwhile. */
function uncovered(hidden) {
  let top = hidden;
  let frame = hidden;
  while (frame !== undefined) {
    const { enclosing, entry } = frame;
    if (entry?.isLeft === true) {
      const below = enclosing ?? entry.hidden;
      top = restack(top, frame, below);
      frame = below;
    } else {
      frame = enclosing;
    }
  }
  return top;
}

/** Removes a frame from under `activeFrame`, whose later frames then stand on `base`. */
function takeOff(lifetime, snapshot, activeFrame, frame, base) {
  if (logs) log('exit', lifetime.context);
  engine.set(withFrame(snapshot, lifetime.slot, restack(activeFrame, frame, base)));
}

/** See `Context.enter`. */
function enterContext(lifetime) {
  const { slot } = lifetime;
  const snapshot = engine.current();
  const activeFrame = frameOf(snapshot, slot);
  if (lifetime.ownsFrame(activeFrame)) return new Scope(undefined);
  if (logs) log('enter', lifetime.context);
  const hidden = lifetime.isRoot ? activeFrame : undefined;
  const entry = new Entry(hidden !== undefined);
  const entered = lifetime.entered(snapshot, activeFrame, entry);
  slot.countEntered(entered.frame);
  // Last: if the stack overflows here, nothing has been entered.
  const scope = new Scope(lifetime, entry, hidden);
  engine.set(entered);
  return scope;
}

/** See `Context.exit`. */
function exitContext(lifetime) {
  const { context, slot } = lifetime;
  const snapshot = engine.current();
  const activeFrame = frameOf(snapshot, slot);
  const frame = lifetime.frameIn(activeFrame);
  if (frame === undefined) {
    const message =
      `This context of the namespace '${context.namespace.name}' is not entered here: exit() only undoes an ` +
      `enter() in the same callback, or in one that started it`;
    throw withCode(new Error(message), 'ERR_CONTEXT_NOT_ENTERED');
  }
  takeOff(lifetime, snapshot, activeFrame, frame, frame.enclosing);
}

module.exports = { enterContext, exitContext };
