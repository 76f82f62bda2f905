'use strict';

/** Prints what is there in the handler of an unhandled rejection: a store of AsyncLocalStorage, and a context. */

const { AsyncLocalStorage } = require('node:async_hooks');

const { createNamespace } = require('context');

const namespace = createNamespace('rejection');
const storage = new AsyncLocalStorage();

process.on('unhandledRejection', () => {
  const hasStore = storage.getStore() === 'store';
  const hasContext = namespace.get('id') === 'rejected';
  console.log(hasStore === hasContext ? (hasStore ? 'both' : 'neither') : 'one of them');
});

namespace.run(() => {
  namespace.set('id', 'rejected');
  storage.run('store', async () => {
    await null;
    throw new Error('rejected');
  });
});
