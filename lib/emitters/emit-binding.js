'use strict';

const engine = require('../engine');
const { Call, MultiCall, enterCall, leaveCall, reserveStack } = require('../engine/call');
const { frameOf, overlay, withFrame } = require('../frames/snapshot');
const { covered } = require('../util/covered');
const { makeHiddenField } = require('../util/hidden-field');
const { SafeSet } = require('../util/primordials');

const { apply } = Reflect;

/** What an emitter carries: the frame of one namespace, or those of several. */
class EmitBinding {
  constructor(slot, frame) {
    this.slot = slot;
    this.frame = frame;
    this.slots = undefined;
    this.snapshot = undefined;
  }

  /** Has it bindEmit a frame, in place of the one of the same namespace. */
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
    if (slots !== undefined) return new MultiCall(slots, callerSnapshot, overlay(callerSnapshot, slots, this.snapshot));
    const call = new Call(slot, callerSnapshot, frameOf(callerSnapshot, slot));
    call.insideSnapshot = withFrame(callerSnapshot, slot, frame);
    return call;
  }
}

Object.setPrototypeOf(EmitBinding.prototype, null);

/** The binding of an emitter itself: objects that inherit from it have none. */
const bindings = makeHiddenField();

/** An `emit` for one emitter that runs its listeners in the frames that are carried then. */
function wrapEmit(emitter, binding) {
  const emitNow = covered(emitter, 'emit');
  return function emitInContexts(...args) {
    // An heir, or a proxy, has its listeners run as ever.
    if (this !== emitter || emitter.listenerCount(args[0]) === 0) return apply(emitNow(), this, args);
    const call = binding.plan(engine.current());
    // If nothing is entered, what a listener enters is left with less of the stack than that took.
    if (call.insideSnapshot !== call.callerSnapshot) reserveStack();
    enterCall(call);
    try {
      return apply(emitNow(), this, args);
    } finally {
      leaveCall(call);
    }
  };
}

/** Puts a method on an object. Says whether it took it. */
function putMethod(object, name, value) {
  try {
    // Much faster than to define it, and as others do it that replace `emit`.
    object[name] = value;
    if (object[name] === value) return true;
  } catch {
    // What it inherits from is frozen, or it is.
  }
  return Reflect.defineProperty(object, name, { __proto__: null, value, configurable: true, writable: true, enumerable: true });
}

/**
 * Has all listeners of an emitter run in what is active in a namespace now, those that are on it already as well. For emitters
 * that belong to one unit of work from their beginning: one property for each, however many listeners and events there are. An
 * emitter that takes no property is left as it is.
 *
 * @param {EventEmitter} emitter
 * @param {Slot} slot of the namespace
 */
function bindEmit(emitter, slot) {
  const frame = frameOf(engine.current(), slot);
  const known = bindings.get(emitter);
  if (known !== undefined) {
    known.add(slot, frame);
    return;
  }
  const binding = new EmitBinding(slot, frame);
  if (putMethod(emitter, 'emit', wrapEmit(emitter, binding))) bindings.set(emitter, binding);
}

module.exports = { bindEmit };
