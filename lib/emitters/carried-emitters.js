'use strict';

const engine = require('../engine');
const { MultiCall, enterCall, leaveCall, reserveStack } = require('../engine/call');
const { frameOf, withFrame, withFramesOf } = require('../frames/snapshot');
const { SafeSet, SafeWeakMap } = require('../util/primordials');

const { apply } = Reflect;

/**
 * For each emitter that is carried: the slots of the namespaces, and the snapshot that has their frames.
 *
 * @type {WeakMap<EventEmitter, { slots: Set<Slot>, snapshot: Snapshot | undefined }>}
 */
const carried = new SafeWeakMap();

/** An `emit` for one emitter that runs its listeners in the frames that are carried then. */
function wrapEmit(emitter, emit) {
  return function emitInContexts(...args) {
    // An heir, or a proxy, has its listeners run as ever.
    if (this !== emitter) return apply(emit, this, args);
    const { slots, snapshot } = carried.get(emitter);
    const callerSnapshot = engine.current();
    const call = new MultiCall(slots, callerSnapshot, withFramesOf(callerSnapshot, slots, snapshot));
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
  let known = carried.get(emitter);
  if (known === undefined) {
    known = { slots: new SafeSet(), snapshot: undefined };
    carried.set(emitter, known);
    const value = wrapEmit(emitter, emitter.emit);
    if (!Reflect.defineProperty(emitter, 'emit', { __proto__: null, value, configurable: true, writable: true })) return;
  }
  known.slots.add(slot);
  known.snapshot = withFrame(known.snapshot, slot, frame);
}

module.exports = { carry };
