'use strict';

const assert = require('node:assert');

const { Namespace } = require('./namespace');

/** The namespaces by name; what `process.namespaces` is where nothing else was there. */
let registered = Object.create(null);

/** Puts the namespaces at `process.namespaces`. What cls-hooked or `context` has put there is left alone. */
function publish(previous) {
  if (process.namespaces === previous) process.namespaces = registered;
}

/**
 * Makes a namespace and registers it under its name, in the place of another one that may have it.
 *
 * @param {string} name
 * @returns {Namespace}
 * @throws {assert.AssertionError} without a name
 */
function createNamespace(name) {
  assert.ok(name, 'createNamespace takes the name of the namespace');
  const namespace = new Namespace(name);
  registered[name] = namespace;
  return namespace;
}

/**
 * @param {string} name
 * @returns {Namespace | undefined} the namespace that is registered under the name
 */
function getNamespace(name) {
  return registered[name];
}

/**
 * Takes a namespace out of the registry. It goes on working for whoever holds it.
 *
 * @param {string} name
 * @throws {assert.AssertionError} if no namespace has the name
 */
function destroyNamespace(name) {
  const namespace = getNamespace(name);
  assert.ok(namespace, `There is no namespace '${String(name)}' to destroy`);
  const message = `'${String(name)}' in process.namespaces is no namespace: make it with createNamespace()`;
  assert.ok(namespace instanceof Namespace, message);
  delete registered[name];
}

/** Takes all namespaces out of the registry. */
function reset() {
  const previous = registered;
  registered = Object.create(null);
  publish(previous);
}

publish(undefined);

module.exports = { createNamespace, destroyNamespace, getNamespace, reset };
