'use strict';

const assert = require('node:assert');

const { Namespace } = require('./namespace');

/** The namespaces by name: `process.namespaces`, unless another library defined that. */
let registered = Object.create(null);

/** Publishes the namespaces as `process.namespaces`. Leaves the value of cls-hooked or `context` alone. */
function publish(previous) {
  if (process.namespaces === previous) process.namespaces = registered;
}

/**
 * Creates a namespace and registers it under its name, replacing a previous one.
 * @param {string} name
 * @returns {Namespace}
 * @throws {assert.AssertionError} without a name
 */
function createNamespace(name) {
  assert.ok(name, 'createNamespace needs a name');
  const namespace = new Namespace(name);
  registered[name] = namespace;
  return namespace;
}

/**
 * @param {string} name
 * @returns {Namespace | undefined} the namespace registered under the name
 */
function getNamespace(name) {
  return registered[name];
}

/**
 * Unregisters a namespace. It keeps working for code that holds it.
 * @param {string} name
 * @throws {assert.AssertionError} if there is none of that name
 */
function destroyNamespace(name) {
  const namespace = getNamespace(name);
  assert.ok(namespace, `There is no namespace '${String(name)}' to destroy`);
  const message = `'${String(name)}' in process.namespaces is not a namespace: use createNamespace()`;
  assert.ok(namespace instanceof Namespace, message);
  delete registered[name];
}

function reset() {
  const previous = registered;
  registered = Object.create(null);
  publish(previous);
}

publish(undefined);

module.exports = { createNamespace, destroyNamespace, getNamespace, reset };
