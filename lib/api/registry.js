'use strict';

const core = require('../frames/binding');
const { invalidType, withCode } = require('../util/errors');
const { SafeMap, SafeSet, SafeWeakMap } = require('../util/primordials');
const { namespaceChannel } = require('./diagnostics');
const { Namespace, kRegister, slotOf } = require('./namespace');

/**
 * The registered namespaces by name, in the order of their creation.
 *
 * @type {Map<string, Namespace>}
 */
const registered = new SafeMap();

/**
 * By a namespace, how many were registered before it: the list is in that order, so that one is found in it by bisection.
 *
 * @type {WeakMap<Namespace, number>}
 */
const orderOf = new SafeWeakMap();

/** How many namespaces have been registered. */
let count = 0;

/** The names for which the warning of a replacement was given. */
const warned = new SafeSet();

/** What `process.namespaces` is: the registered namespaces, and by their names too, unless that says something else of an array. */
let list = [];

/** Whether somebody has the list: from then on it is kept up to date. */
let isListed = false;

function define(target, key, value, enumerable) {
  return Reflect.defineProperty(target, key, { __proto__: null, value, configurable: true, enumerable, writable: true });
}

function isArrayIndex(name) {
  return String(name >>> 0) === name;
}

/** Whether the list answers by a name: not if that says something else of an array. */
function answersTo(name) {
  return !isArrayIndex(name) && !(name in Array.prototype) && name !== 'length';
}

/** Puts a namespace at the end of the list. */
function append(namespace) {
  const { name } = namespace;
  define(list, list.length, namespace, true);
  if (answersTo(name)) define(list, name, namespace, false);
}

/** Empties the list. Says whether it could be: the application may have frozen it, or a part of it. */
function clearList() {
  if (!Object.isExtensible(list) || !Reflect.set(list, 'length', 0)) return false;
  const keys = Reflect.ownKeys(list);
  for (let index = 0; index < keys.length; index++) {
    if (keys[index] !== 'length' && !Reflect.deleteProperty(list, keys[index])) return false;
  }
  return true;
}

/** Makes the list anew. */
function makeList() {
  if (!clearList()) list = [];
  registered.forEach(append);
}

/** Whether the list can be taken for what was made of it. The application may have written to it, or frozen it. */
function isIntact(length) {
  return list.length === length && Object.isExtensible(list);
}

/** The index of a namespace in the list; -1 if it is not found. */
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
 * Takes a namespace out of the list. Says whether it could be. Those after it are moved one by one: on an array that has names
 * too, `splice` takes ten times as long.
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

/** Brings the list up to date after a namespace was registered. */
function addToList(namespace) {
  if (!isListed) return;
  if (isIntact(registered.size - 1)) append(namespace);
  else makeList();
}

/** Brings the list up to date after a namespace was taken out of the registry. */
function removeFromList(namespace) {
  if (!isListed) return;
  if (!isIntact(registered.size + 1) || !cut(namespace) || !isIntact(registered.size)) makeList();
}

/**
 * Takes a namespace out of the registry and the list.
 *
 * @param {string} name
 * @returns {boolean} whether one was registered under the name
 */
function remove(name) {
  const namespace = registered.get(name);
  if (namespace === undefined) return false;
  registered.delete(name);
  removeFromList(namespace);
  return true;
}

/**
 * Puts the list at `process.namespaces`, where the proposal has it. Another library's object there (cls-hooked's) is left
 * alone, whether it is there already or is put there later.
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
    const message = "name must have at least one character, but it is ''";
    throw withCode(new TypeError(message), 'ERR_INVALID_ARG_VALUE');
  }
}

/**
 * Makes a namespace and registers it under its name. A namespace that has the name already goes on working for whoever holds
 * it; the process is warned, once for each name.
 *
 * @param {string} name any string but the empty one
 * @param {object} [options]
 * @param {boolean} [options.strict] whether `namespace.set` is to throw if no context but the default one is active
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
      `The context namespace '${name}' was created again, and the new one has replaced it. Whoever looks it up with ` +
        `getNamespace gets the new one from here on; those who hold the old one go on with that. To share one namespace, ` +
        `look it up before you create it; to begin anew, call destroyNamespace first.`,
      { type: 'ContextWarning', code: 'CONTEXT_NAMESPACE_REPLACED' },
    );
  }
  if (namespaceChannel.hasSubscribers) namespaceChannel.publish({ namespace });
  return namespace;
}

/**
 * @param {string} name
 * @returns {Namespace | undefined} the namespace that is registered under the name
 */
function getNamespace(name) {
  return registered.get(name);
}

/**
 * Takes a namespace out of the registry. It goes on working for whoever holds it.
 *
 * @param {string} name
 * @returns {boolean} whether one was registered under the name
 */
function destroyNamespace(name) {
  return remove(name);
}

/**
 * What was counted, and what the native core holds. Memory that is not in use any more is given back first.
 *
 * @returns {{
 *   namespaces: Record<string, { created: number, entered: number, ended: number, deepest: number }>,
 *   pages: number,
 *   bytes: number,
 * }} for each registered namespace the contexts that were created, the entries into contexts, the `end` events that were
 *   emitted and the deepest nesting; the pages of frames that are in use; the bytes that are held for pages, those that are
 *   in use and a reserve
 */
function stats() {
  const namespaces = Object.create(null);
  registered.forEach((namespace, name) => (namespaces[name] = slotOf(namespace).counts));
  return { namespaces, ...core.stats() };
}

module.exports = { createNamespace, destroyNamespace, getNamespace, publish, stats };
