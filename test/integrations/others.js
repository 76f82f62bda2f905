'use strict';

const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');

const { Variable } = require('context/async-context');
const cls = require('context/cls');
const domain = require('context/domain');
const { ContextManager } = require('context/opentelemetry');

/**
 * What carries contexts that are not those of a namespace. Each makes one context: `run(fn)` calls in it, `isActive()` looks for it, and
 * `add(emitter)`, of those that have it, has listeners run in it.
 */
module.exports = {
  'a Variable'() {
    const variable = new Variable();
    return { run: (fn) => variable.run('value', fn), isActive: () => variable.get() === 'value' };
  },
  OpenTelemetry() {
    const [manager, context] = [new ContextManager(), ROOT_CONTEXT.setValue(createContextKey('key'), 1)];
    return {
      run: (fn) => manager.with(context, fn),
      isActive: () => manager.active() === context,
      add: (emitter) => manager.bind(context, emitter),
    };
  },
  'context/cls'() {
    const session = cls.createNamespace('beside');
    cls.destroyNamespace('beside');
    const context = session.createContext();
    return { run: (fn) => session.bind(fn, context)(), isActive: () => session.active === context };
  },
  'context/domain'() {
    const own = domain.create();
    return { run: (fn) => own.run(fn), isActive: () => domain.active === own, add: (emitter) => void own.add(emitter) };
  },
};
