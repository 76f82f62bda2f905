'use strict';

const engine = require('../engine');
const { Call, MultiCall, enterCall, leaveCall, reserveStack } = require('../engine/call');
const { frameOf, withFrame, withFramesOf } = require('../frames/snapshot');
const { SafeSet } = require('../util/primordials');

const { apply } = Reflect;

/** The property in which an emitter keeps what it carries. */
const kCarried = Symbol('context.carried');

/** What an emitter carries: the frame of one namespace, or those of several. */
class Carried {
  constructor(slot, frame) {
    this.slot = slot;
    this.frame = frame;
    this.slots = undefined;
    this.snapshot = undefined;
  }

  /** Has it carry a frame, in place of the one of the same namespace. */
  add(slot, frame) {
    if (this.slots === undefined && slot === this.slot) {
      this.frame = frame;
      return;
    }
    if (this.slots === undefined) {
      this.slots = new SafeSet();
      this.slots.add(this.slot);
      this.snapshot = withFrame(undefined, this.slot, this.frame);
    }
    this.slots.add(slot);
    this.snapshot = withFrame(this.snapshot, slot, frame);
  }

  /** The call in which listeners run. */
  plan(callerSnapshot) {
    const { slot, frame, slots } = this;
    if (slots !== undefined) return new MultiCall(slots, callerSnapshot, withFramesOf(callerSnapshot, slots, this.snapshot));
    const call = new Call(slot, callerSnapshot, frameOf(callerSnapshot, slot));
    call.insideSnapshot = withFrame(callerSnapshot, slot, frame);
    return call;
  }
}

Object.setPrototypeOf(Carried.prototype, null);

/** An `emit` for one emitter that runs its listeners in the frames that are carried then. */
function wrapEmit(emitter, emit, carried) {
  return function emitInContexts(...args) {
    // An heir, or a proxy, has its listeners run as ever.
    if (this !== emitter || emitter.listenerCount(args[0]) === 0) return apply(emit, this, args);
    const call = carried.plan(engine.current());
    reserveStack();
    enterCall(call);
    try {
      return apply(emit, this, args);
    } finally {
      leaveCall(call);
    }
  };
}

/**
 * Has all listeners of an emitter run in what is active in a namespace now, those that are on it already as well. For emitters
 * that belong to one unit of work from their beginning: one property for each, however many listeners and events there are. An
 * emitter that takes no property is left as it is.
 *
 * @param {EventEmitter} emitter
 * @param {Slot} slot of the namespace
 */
function carry(emitter, slot) {
  const frame = frameOf(engine.current(), slot);
  if (Object.hasOwn(emitter, kCarried)) {
    emitter[kCarried].add(slot, frame);
    return;
  }
  const carried = new Carried(slot, frame);
  const value = wrapEmit(emitter, emitter.emit, carried);
  if (!Reflect.defineProperty(emitter, 'emit', { __proto__: null, value, configurable: true, writable: true })) return;
  Reflect.defineProperty(emitter, kCarried, { __proto__: null, value: carried });
}

module.exports = { carry };
