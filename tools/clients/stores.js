'use strict';

/** Libraries that keep stores in an AsyncLocalStorage of their own. */
const libraries = {
  __proto__: null,
  'nestjs-cls'(load) {
    const cls = load('nestjs-cls').ClsServiceManager.getClsService();
    return { run: (id, call) => cls.runWith({ id }, call), idNow: () => cls.get('id') };
  },
  OpenTelemetry(load) {
    const { context, createContextKey } = load('@opentelemetry/api');
    const { NodeTracerProvider } = load('@opentelemetry/sdk-trace-node');
    new NodeTracerProvider().register();
    const key = createContextKey('id');
    return {
      run: (id, call) => context.with(context.active().setValue(key, id), call),
      idNow: () => context.active().getValue(key),
    };
  },
};

/**
 * Sets a library up.
 * @param {(name: string) => unknown} load requires an installed package
 * @returns {{ run: Function, idNow: () => unknown }} what calls a function in a store with an id, and what reads the id of the active one
 */
const setUpStores = (name, load) => libraries[name](load);

module.exports = { STORES: Object.keys(libraries), setUpStores };
