'use strict';

const engine = require('../engine');
const { Call, MultiCall, enterCall, innermostCall, leaveCall } = require('../engine/call');
const { frameOf, overlay, withFrame } = require('../frames/snapshot');
const { covered } = require('../util/covered');
const { makeHiddenField } = require('../util/hidden-field');
const { hidden } = require('../util/objects');
const { SafeSet } = require('../util/primordials');

const { apply, defineProperty } = Reflect;
const { hasOwn } = Object;

/** The frames that an emitter is bound to: one, or one each of several namespaces. */
class EmitBinding {
  constructor(slot, frame) {
    this.slot = slot;
    this.frame = frame;
    this.slots = undefined;
    this.snapshot = undefined;

    /** Whether the prepared `emit` of the emitter's class uses this binding. */
    this.isByClass = false;
  }

  /** Binds to a frame, replacing the previous one of the same namespace. */
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

  /** Whether it is of one namespace, and its frame is active in a snapshot. */
  isActiveIn(snapshot) {
    return this.slots === undefined && frameOf(snapshot, this.slot) === this.frame;
  }

  /** Creates the call in which listeners run. */
  plan(callerSnapshot) {
    const { slot, frame, slots } = this;
    if (slots !== undefined) return new MultiCall(slots, callerSnapshot, overlay(callerSnapshot, slots, this.snapshot));
    const call = new Call(slot, callerSnapshot, frameOf(callerSnapshot, slot));
    call.insideSnapshot = withFrame(callerSnapshot, slot, frame);
    return call;
  }
}

Object.setPrototypeOf(EmitBinding.prototype, null);

/** Objects that inherit from a bound emitter are not bound. */
const bindings = makeHiddenField();

/** Calls `emit` in the frames of a binding. */
function emitIn(binding, emit, emitter, args) {
  const callerSnapshot = engine.current();
  if (binding.isActiveIn(callerSnapshot)) return emitHere(binding, callerSnapshot, emit, emitter, args);
  const call = binding.plan(callerSnapshot);
  enterCall(call);
  try {
    return apply(emit, emitter, args);
  } finally {
    leaveCall(call);
  }
}

/** Calls `emit` in a frame that is active already, and leaves what a listener entered. */
function emitHere(binding, callerSnapshot, emit, emitter, args) {
  const { slot, frame } = binding;
  const outer = innermostCall();
  try {
    return apply(emit, emitter, args);
  } finally {
    if (engine.current() !== callerSnapshot || innermostCall() !== outer) {
      const call = new Call(slot, callerSnapshot, frame);
      call.insideSnapshot = callerSnapshot;
      call.outer = outer;
      leaveCall(call);
    }
  }
}

/** Creates an `emit` that runs the listeners of one emitter in its frames. */
function wrapEmit(emitter, binding) {
  const emitNow = covered(emitter, 'emit');
  return function emitInContexts(...args) {
    // Objects that inherit from the emitter, and proxies, use the original `emit`.
    if (this !== emitter || emitter.listenerCount(args[0]) === 0) return apply(emitNow(), this, args);
    return emitIn(binding, emitNow(), this, args);
  };
}

/** The `emit` methods of prepared classes. */
const prepared = new SafeSet();

/**
 * Prepares a class whose emitters will be bound: its `emit` looks for the emitter's binding, so that binding one costs no property.
 * @param {object} prototype of the class
 */
function prepareEmit(prototype) {
  if (prepared.has(prototype.emit)) return;
  const emitNow = covered(prototype, 'emit');
  function emitInContexts(...args) {
    // Without listeners, as most events are, nothing is looked up.
    const binding = this?._events?.[args[0]] === undefined ? undefined : bindings.get(this);
    if (binding === undefined || !binding.isByClass) return apply(emitNow(), this, args);
    return emitIn(binding, emitNow(), this, args);
  }
  if (defineProperty(prototype, 'emit', hidden(emitInContexts))) prepared.add(emitInContexts);
}

/** Sets a method of an object; returns false on failure. An own property keeps its attributes. */
function putMethod(object, name, value) {
  try {
    if (!hasOwn(object, name)) return defineProperty(object, name, hidden(value));
    object[name] = value;
    if (object[name] === value) return true;
  } catch {
    // The object is frozen, or a proxy threw.
  }
  return defineProperty(object, name, hidden(value));
}

/**
 * Runs all listeners of an emitter, existing and future ones, in what is active in a namespace now. For emitters that belong to
 * one unit of work from the start: costs one property, or none for those of a prepared class, however many listeners and events
 * there are. An emitter that is not extensible, and of no such class, is left alone.
 * @param {EventEmitter} emitter
 * @param {Slot} slot of the namespace
 */
function bindEmit(emitter, slot) {
  const frame = frameOf(engine.current(), slot);
  const known = bindings.entryOf(emitter);
  if (known.value !== undefined) {
    known.value.add(slot, frame);
    return;
  }
  const binding = new EmitBinding(slot, frame);
  binding.isByClass = prepared.has(emitter.emit);
  if (binding.isByClass || putMethod(emitter, 'emit', wrapEmit(emitter, binding))) known.value = binding;
}

module.exports = { bindEmit, prepareEmit };
