'use strict';

const { Call, Slot, UNNUMBERED, engine, enter, enterCall, frameOf, leaveCall } = require('../../foundation');
const { invalidType } = require('../../util/errors');
const { checkCallback } = require('../../util/functions');
const { makeHiddenField } = require('../../util/hidden-field');
const { isObject } = require('../../util/objects');
const { createInstance, finishClass } = require('./builtin');

const { apply } = Reflect;

/** Shared by all variables, so that propagating a hundred of them costs as much as one. */
const slot = new Slot('async-context');

/** The properties of a Variable. Mappings refer to this, not to the program's object. */
class State {
  constructor(name, defaultValue) {
    this.name = name;
    this.defaultValue = defaultValue;
  }
}

/**
 * The values of all variables at one moment, the context of a frame: an immutable linked list with a part for each variable that has
 * a value. A value that a nested `run` hides is not in it, so that it can be collected.
 */
class Mapping {
  /**
   * @param {State} variable
   * @param {unknown} value
   * @param {Mapping | undefined} next
   */
  constructor(variable, value, next) {
    this.variable = variable;
    this.value = value;
    this.next = next;
  }
}

// Assignments in constructors must bypass setters that the application may put on Object.prototype.
Object.setPrototypeOf(State.prototype, null);
Object.setPrototypeOf(Mapping.prototype, null);

const states = makeHiddenField();

/** @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the receiver of a method is not a Variable */
function stateOf(receiver) {
  const state = isObject(receiver) ? states.get(receiver) : undefined;
  if (state === undefined) throw invalidType('this', 'an AsyncContext.Variable', receiver);
  return state;
}

/** The part of a variable; undefined if it has no value. */
function find(mapping, variable) {
  let at = mapping;
  while (at !== undefined && at.variable !== variable) at = at.next;
  return at;
}

/** The mapping with another value of a variable. The order of the others may change. */
function withValue(mapping, variable, value) {
  const found = find(mapping, variable);
  if (found === undefined) return new Mapping(variable, value, mapping);
  let others = found.next;
  for (let at = mapping; at !== found; at = at.next) others = new Mapping(at.variable, at.value, others);
  return new Mapping(variable, value, others);
}

/** A variable with the value of the innermost enclosing `run`, also later in what that started: AsyncContext.Variable of the proposal. */
class Variable extends null {
  /** @param {{ name?: unknown, defaultValue?: unknown }} [options] ignored if it is not an object */
  constructor(options) {
    let name = '';
    let defaultValue;
    if (isObject(options)) {
      if ('name' in options) name = `${options.name}`;
      defaultValue = options.defaultValue;
    }
    const variable = createInstance(new.target, Variable.prototype);
    states.set(variable, new State(name, defaultValue));
    engine.prepare();
    return variable;
  }

  /**
   * Calls a function with a value of the variable, in the function and everything that it starts.
   * @param {unknown} value
   * @param {Function} callback called without `this`
   * @param {...unknown} args for the callback
   * @returns {unknown} its result; promises are returned as they are
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the callback is not a function
   */
  run(value, callback, ...args) {
    const variable = stateOf(this);
    checkCallback(callback);
    const callerSnapshot = engine.current();
    const callerFrame = frameOf(callerSnapshot, slot);
    const mapping = withValue(callerFrame?.context, variable, value);
    const call = new Call(slot, callerSnapshot, callerFrame);
    call.insideSnapshot = enter(callerSnapshot, slot, mapping, UNNUMBERED, undefined, undefined);
    enterCall(call);
    try {
      return apply(callback, undefined, args);
    } finally {
      leaveCall(call);
    }
  }

  /** @returns {string} the name; '' by default */
  get name() {
    return stateOf(this).name;
  }

  /** @returns {unknown} the value of the innermost `run`, even if that is undefined; the default value outside `run` */
  get() {
    const variable = stateOf(this);
    const found = find(frameOf(engine.current(), slot)?.context, variable);
    return found === undefined ? variable.defaultValue : found.value;
  }
}

finishClass(Variable, 'AsyncContext.Variable');

module.exports = { Variable };
