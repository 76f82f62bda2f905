'use strict';

const core = require('./binding');
const { namespaceChannel } = require('./diagnostics');
const { invalidType, withCode } = require('./errors');
const { Namespace, kRegister, slotOf } = require('./namespace');
const { SafeMap, SafeSet } = require('./safe');

/**
 * The registered namespaces by name, in the order of their creation.
 *
 * @type {Map<string, Namespace>}
 */
const registered = new SafeMap();

/** The names for which the warning of a replacement was given. */
const warned = new SafeSet();

/** What `process.namespaces` is: the registered namespaces, and by their names too where that says nothing else of an array. */
let list = [];

/** Whether somebody has the list: from then on it is kept up to date. */
let isListed = false;

function define(target, key, value, enumerable) {
  return Reflect.defineProperty(target, key, { __proto__: null, value, configurable: true, enumerable, writable: true });
}

function isArrayIndex(name) {
  return String(name >>> 0) === name;
}

/** Puts a namespace at the end of the list. */
function append(namespace) {
  const { name } = namespace;
  define(list, list.length, namespace, true);
  if (!isArrayIndex(name) && !(name in Array.prototype) && name !== 'length') define(list, name, namespace, false);
}

/** Makes the list anew. The application may have written to it, or frozen it. */
function makeList() {
  if (!Object.isExtensible(list)) list = [];
  const keys = Reflect.ownKeys(list);
  for (let index = 0; index < keys.length; index++) Reflect.deleteProperty(list, keys[index]);
  Reflect.set(list, 'length', 0);
  registered.forEach(append);
}

/**
 * Brings the list up to date.
 *
 * @param {Namespace} [added] the last namespace, where nothing but that has changed
 */
function updateList(added = undefined) {
  if (!isListed) return;
  const isAsItWas = list.length === registered.size - 1 && Object.isExtensible(list);
  if (added !== undefined && isAsItWas) append(added);
  else makeList();
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
 * @returns {Namespace}
 * @throws {TypeError} with code ERR_INVALID_ARG_TYPE or ERR_INVALID_ARG_VALUE
 */
function createNamespace(name) {
  checkName(name);
  const namespace = new Namespace(kRegister, name);
  const replaced = registered.delete(name);
  registered.set(name, namespace);
  updateList(replaced ? undefined : namespace);
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
  if (!registered.delete(name)) return false;
  updateList();
  return true;
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

publish();

module.exports = { createNamespace, destroyNamespace, getNamespace, stats };
