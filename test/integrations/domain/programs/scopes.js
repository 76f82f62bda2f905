'use strict';

/** Programs of the catalogue, see index.js: AsyncLocalStorage and AsyncResource around domains. */
module.exports = {
  'an AsyncLocalStorage around a throw': `
    const { AsyncLocalStorage } = require('async_hooks');
    const store = new AsyncLocalStorage();
    store.run(1, () => got('d').run(() => store.run(2, () => { throw new Error('sync'); })));
  `,
  'an AsyncLocalStorage around nested domains': `
    const { AsyncLocalStorage } = require('async_hooks');
    const store = new AsyncLocalStorage();
    got('outer').run(() => store.run(1, () => throwing('d').run(() => { throw new Error('sync'); })));
  `,
  'an AsyncLocalStorage around a callback that throws': `
    const { AsyncLocalStorage } = require('async_hooks');
    const store = new AsyncLocalStorage();
    got('d').run(() => setImmediate(() => store.run(1, () => { throw new Error('immediate'); })));
  `,
  'an AsyncResource around a throw': `
    const { AsyncResource } = require('async_hooks');
    const resource = new AsyncResource('outside');
    setImmediate(() => resource.runInAsyncScope(() => got('d').run(() => { throw new Error('sync'); })));
    setImmediate(() => log('next', Boolean(domain.active)));
  `,
  'an AsyncResource around nested domains': `
    const { AsyncResource } = require('async_hooks');
    const resource = new AsyncResource('outside');
    const inside = () => throwing('middle').run(() => throwing('inner').run(() => { throw new Error('sync'); }));
    resource.runInAsyncScope(() => got('outer').run(inside));
  `,
  'an error that is caught around an AsyncLocalStorage, then thrown again': `
    const { AsyncLocalStorage } = require('async_hooks');
    const store = new AsyncLocalStorage();
    setImmediate(() => {
      try {
        store.run(1, () => got('d').run(() => { throw new Error('sync'); }));
      } catch (error) {
        got('e').run(() => log('cleans up'));
        throw error;
      }
    });
  `,
  'an AsyncResource of the domain': `
    const { AsyncResource } = require('async_hooks');
    const bound = got('d').run(() => AsyncResource.bind(() => { setImmediate(() => { throw new Error('later'); }); }));
    got('e').run(() => { bound(); setImmediate(() => { throw new Error('in e'); }); });
  `,
};
