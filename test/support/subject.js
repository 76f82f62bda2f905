'use strict';

/**
 * What a program enters and looks at, so that one and the same can be run with a namespace and with an AsyncLocalStorage, each
 * in a process in which nothing else has switched hooks on. The environment variable CONTEXT_TEST_SUBJECT says which.
 */

const isOracle = process.env.CONTEXT_TEST_SUBJECT === 'storage';

const subject = isOracle ? makeStorage() : makeNamespace();

function makeStorage() {
  const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks');
  const storage = new AsyncLocalStorage();
  return {
    enter: (name) => storage.enterWith(name),
    exit: () => storage.enterWith(undefined),
    run: (name, callback) => storage.run(name, callback),
    bind: (name, callback) => storage.run(name, () => AsyncResource.bind(callback)),
    current: () => storage.getStore() ?? 'default',
  };
}

function makeNamespace() {
  const namespace = require('context').createNamespace('subject');
  const { assertActive } = require('./core-view');
  const create = (name) => {
    const context = namespace.createContext();
    context.set('name', name);
    return context;
  };
  return {
    enter: (name) => void create(name).enter(),
    exit: () => namespace.active.exit(),
    run: (name, callback) => create(name).run(callback),
    bind: (name, callback) => create(name).bind(callback),
    current() {
      assertActive(namespace.active);
      return namespace.get('name') ?? 'default';
    },
  };
}

/** Prints what is active at a step. */
function log(step) {
  console.log(step, subject.current());
}

/** Has a FinalizationRegistry of its own call back for each of some values, each in another turn. */
function finalize(values, callback) {
  let left = values.length;
  const registries = values.map((value) => {
    const registry = new FinalizationRegistry((held) => {
      left--;
      callback(held);
    });
    registry.register({}, value);
    return registry;
  });
  const collect = () => {
    if (left === 0) return;
    global.gc();
    setImmediate(collect, registries);
  };
  setImmediate(collect);
}

module.exports = { ...subject, finalize, log };
