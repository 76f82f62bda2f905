'use strict';

const core = require('../frames/binding');
const { invalidType, withCode } = require('../util/errors');
const { SafeMap, SafeSet, SafeWeakMap } = require('../util/primordials');
const { namespaceChannel } = require('./diagnostics');
const { Namespace, kRegister, slotOf } = require('./namespace');

/** @type {Map<string, Namespace>} in the order of creation */
const registered = new SafeMap();

/**
 * By namespace: how many were registered before it. The list has the same order, so bisection finds an entry.
 * @type {WeakMap<Namespace, number>}
 */
const orderOf = new SafeWeakMap();

let count = 0;

/** The names that the warning about a replacement was printed for. */
const warned = new SafeSet();

/**
 * The value of `process.namespaces`: an array of the namespaces, also accessible by name unless arrays have a property of that
 * name.
 */
let list = [];

/** Whether the list was read. It is maintained from then on. */
let isListed = false;

function define(target, key, value, enumerable) {
  return Reflect.defineProperty(target, key, { __proto__: null, value, configurable: true, enumerable, writable: true });
}

function isArrayIndex(name) {
  return String(name >>> 0) === name;
}

/** Whether a name is usable as a property of the list: not if arrays have one of that name. */
function answersTo(name) {
  return !isArrayIndex(name) && !(name in Array.prototype) && name !== 'length';
}

function append(namespace) {
  const { name } = namespace;
  define(list, list.length, namespace, true);
  if (answersTo(name)) define(list, name, namespace, false);
}

/** Empties the list. Returns false if the application froze it or one of its properties. */
function clearList() {
  if (!Object.isExtensible(list) || !Reflect.set(list, 'length', 0)) return false;
  const keys = Reflect.ownKeys(list);
  for (let index = 0; index < keys.length; index++) {
    if (keys[index] !== 'length' && !Reflect.deleteProperty(list, keys[index])) return false;
  }
  return true;
}

function makeList() {
  if (!clearList()) list = [];
  registered.forEach(append);
}

/** Whether the list is as this file left it. The application may have modified or frozen it. */
function isIntact(length) {
  return list.length === length && Object.isExtensible(list);
}

/** The index of a namespace in the list, or -1. */
function indexInList(namespace) {
  const order = orderOf.get(namespace);
  let low = 0;
  let high = list.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const other = list[middle];
    if (other === namespace) return middle;
    if (orderOf.get(other) < order) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/**
 * Removes a namespace from the list; returns false on failure. Moves the later ones one by one: `splice` is ten times slower on
 * an array with named properties.
 */
function cut(namespace) {
  const index = indexInList(namespace);
  if (index === -1) return false;
  try {
    const last = list.length - 1;
    for (let at = index; at < last; at++) list[at] = list[at + 1];
    list.length = last;
  } catch {
    return false;
  }
  return !answersTo(namespace.name) || Reflect.deleteProperty(list, namespace.name);
}

function addToList(namespace) {
  if (!isListed) return;
  if (isIntact(registered.size - 1)) append(namespace);
  else makeList();
}

function removeFromList(namespace) {
  if (!isListed) return;
  if (!isIntact(registered.size + 1) || !cut(namespace) || !isIntact(registered.size)) makeList();
}

function remove(name) {
  const namespace = registered.get(name);
  if (namespace === undefined) return false;
  registered.delete(name);
  removeFromList(namespace);
  return true;
}

/**
 * Defines `process.namespaces`, as the proposal has it. Leaves another library's value alone (cls-hooked), whether it was there
 * before or is assigned later.
 */
function publish() {
  if (Object.hasOwn(process, 'namespaces')) return;
  Object.defineProperty(process, 'namespaces', {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get() {
      if (!isListed) {
        isListed = true;
        makeList();
      }
      return list;
    },
    set(value) {
      define(process, 'namespaces', value, true);
    },
  });
}

function checkOptions(options) {
  if (options === undefined) return false;
  if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
  const { strict = false } = options;
  if (typeof strict !== 'boolean') throw invalidType('options.strict', 'a boolean', strict);
  return strict;
}

function checkName(name) {
  if (typeof name !== 'string') throw invalidType('name', 'a string', name);
  if (name === '') {
    const message = "name must be a non-empty string, but it is ''";
    throw withCode(new TypeError(message), 'ERR_INVALID_ARG_VALUE');
  }
}

/**
 * Creates a namespace and registers it under its name. A previous namespace of that name keeps working for code that holds it;
 * a warning is printed, once per name.
 * @param {string} name any non-empty string
 * @param {object} [options]
 * @param {boolean} [options.strict] whether `namespace.set` throws outside a context
 * @returns {Namespace}
 * @throws {TypeError} with code ERR_INVALID_ARG_TYPE or ERR_INVALID_ARG_VALUE
 */
function createNamespace(name, options) {
  checkName(name);
  const isStrict = checkOptions(options);
  const namespace = new Namespace(kRegister, name, isStrict);
  const replaced = remove(name);
  registered.set(name, namespace);
  orderOf.set(namespace, count++);
  addToList(namespace);
  if (replaced && !warned.has(name)) {
    warned.add(name);
    process.emitWarning(
      `The context namespace '${name}' was created again, which replaced the old one. getNamespace() now returns the new one; code ` +
        `that holds the old one keeps using it. To share one namespace, call getNamespace() before you create it; to start ` +
        `afresh, call destroyNamespace() first.`,
      { type: 'ContextWarning', code: 'CONTEXT_NAMESPACE_REPLACED' },
    );
  }
  if (namespaceChannel.hasSubscribers) namespaceChannel.publish({ namespace });
  return namespace;
}

/**
 * @param {string} name
 * @returns {Namespace | undefined} the namespace registered under the name
 */
function getNamespace(name) {
  return registered.get(name);
}

/**
 * Unregisters a namespace. It keeps working for code that holds it.
 * @param {string} name
 * @returns {boolean} whether one was registered
 */
function destroyNamespace(name) {
  return remove(name);
}

/**
 * Returns counters and memory figures, after freeing unused memory.
 * @returns {{
 *   namespaces: Record<string, { created: number, entered: number, ended: number, deepest: number }>,
 *   pages: number,
 *   bytes: number,
 * }} for each registered namespace: contexts created, contexts entered, `end` events, deepest nesting; native pages in use;
 * native bytes allocated, including a reserve
 */
function stats() {
  const namespaces = Object.create(null);
  registered.forEach((namespace, name) => (namespaces[name] = slotOf(namespace).counts));
  return { namespaces, ...core.stats() };
}

module.exports = { createNamespace, destroyNamespace, getNamespace, publish, stats };
