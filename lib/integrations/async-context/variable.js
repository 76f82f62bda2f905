'use strict';

const { Call, Slot, engine, enter, enterCall, frameOf, leaveCall, reserveStack } = require('../../foundation');
const { invalidType } = require('../../util/errors');
const { checkCallback } = require('../../util/functions');
const { makeHiddenField } = require('../../util/hidden-field');
const { createInstance, finishClass, isObject } = require('./builtin');

const { apply } = Reflect;

/** All variables share one slot, so that carrying costs the same for one of them and for a hundred. */
const slot = new Slot('async-context');

/** The serial number of all frames here. Nobody numbers them, and 0 is for default contexts. */
const SERIAL = 1;

/** What a Variable is for its contexts: they lead to this, and not to the object that the program has. */
class State {
  constructor(name, defaultValue) {
    this.name = name;
    this.defaultValue = defaultValue;
  }
}

/**
 * The values of all variables at one moment, which is the context of a frame: a list with a part for each variable that has one.
 * Immutable. What a nested `run` hides is not in the list, so that it can be collected.
 */
class Mapping {
  /**
   * @param {State} variable
   * @param {unknown} value
   * @param {Mapping | undefined} next those of the others
   */
  constructor(variable, value, next) {
    this.variable = variable;
    this.value = value;
    this.next = next;
  }
}

// The application may put setters on Object.prototype; an assignment in a constructor must not run into them.
Object.setPrototypeOf(State.prototype, null);
Object.setPrototypeOf(Mapping.prototype, null);

const states = makeHiddenField();

/** @throws {TypeError} with code ERR_INVALID_ARG_TYPE if a method is called on anything but a Variable */
function stateOf(receiver) {
  const state = isObject(receiver) ? states.get(receiver) : undefined;
  if (state === undefined) throw invalidType('this', 'an AsyncContext.Variable', receiver);
  return state;
}

/** The part of a variable; undefined if it has none. */
function find(mapping, variable) {
  let at = mapping;
  while (at !== undefined && at.variable !== variable) at = at.next;
  return at;
}

/** The mapping with another value of a variable. The order of the parts does not matter. */
function withValue(mapping, variable, value) {
  const found = find(mapping, variable);
  if (found === undefined) return new Mapping(variable, value, mapping);
  let others = found.next;
  for (let at = mapping; at !== found; at = at.next) others = new Mapping(at.variable, at.value, others);
  return new Mapping(variable, value, others);
}

/**
 * A variable that has the value of the innermost `run` around it, also in what was started there and runs later: AsyncContext.Variable
 * of the proposal.
 */
class Variable extends null {
  /** @param {{ name?: unknown, defaultValue?: unknown }} [options] anything but an object counts as none */
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
   * Calls a function in which, and in all that it starts, the variable has a value.
   *
   * @param {unknown} value
   * @param {Function} callback is called without `this`
   * @param {...unknown} args for it
   * @returns {unknown} what it returns: a promise as it is
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE if the callback is not a function
   */
  run(value, callback, ...args) {
    const variable = stateOf(this);
    checkCallback(callback);
    const callerSnapshot = engine.current();
    const callerFrame = frameOf(callerSnapshot, slot);
    const mapping = withValue(callerFrame?.context, variable, value);
    const call = new Call(slot, callerSnapshot, callerFrame);
    call.insideSnapshot = enter(callerSnapshot, slot, mapping, SERIAL, undefined, undefined);
    reserveStack();
    enterCall(call);
    try {
      return apply(callback, undefined, args);
    } finally {
      leaveCall(call);
    }
  }

  /** @returns {string} the name that it was given; '' without one */
  get name() {
    return stateOf(this).name;
  }

  /** @returns {unknown} the value of the innermost `run`, also if that is undefined; outside of all, the default value */
  get() {
    const variable = stateOf(this);
    const found = find(frameOf(engine.current(), slot)?.context, variable);
    return found === undefined ? variable.defaultValue : found.value;
  }
}

finishClass(Variable, 'AsyncContext.Variable');

module.exports = { Variable };
