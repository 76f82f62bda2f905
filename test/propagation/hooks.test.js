'use strict';

const { steps, stepsInOrder } = require('../support/steps');

describe('the first entry, in the middle of a callback', () => {
  it('leaks nothing out of nested scopes, into each other or into the rest', () =>
    stepsInOrder('inner a | outer default | outer entered b | immediate default | tick c | next default')`
      const outer = new AsyncResource('outer');
      const inner = new AsyncResource('inner');
      setImmediate(() => {
        outer.runInAsyncScope(() => {
          inner.runInAsyncScope(() => { named('a').enter(); log('inner'); });
          log('outer');
          named('b').enter();
          log('outer entered');
        });
        log('immediate');
        named('c').enter();
        process.nextTick(() => log('tick'));
      });
      setImmediate(() => setImmediate(() => log('next')));
    `);
});

describe('a callback that throws', () => {
  it('leaves the execution stack level', () =>
    stepsInOrder(Array(100).fill('turn default'))`
      const core = require('./lib/frames/binding');
      process.on('uncaughtException', () => {});
      const context = named('a');
      const resource = new AsyncResource('resource');
      let left = 100;
      const next = () => {
        log('turn');
        assert.strictEqual(core.describe(core.activeRecord()).length, 0);
        if (--left === 0) return;
        setImmediate(next);
        setImmediate(() => { resource.runInAsyncScope(() => context.run(() => resource.runInAsyncScope(() => { throw 1; }))); });
      };
      next();
    `);
});

describe('what a reaction to a promise enters', () => {
  it('is active in the handler of its rejection', () =>
    stepsInOrder('rejected a | later default')`
      process.on('unhandledRejection', (error) => log(error));
      namespace.run(() => {}); // from here on promises are followed, as they are by AsyncLocalStorage once it was entered
      Promise.resolve().then(() => { named('a').enter(); throw 'rejected'; });
      setImmediate(() => log('later'));
    `);

  it('is active in the then of a thenable that it returned', () =>
    steps('after default | then a | then default')`
      const thenable = { then(resolve) { log('then'); resolve(); } };
      Promise.resolve().then(() => { named('a').enter(); return thenable; }).then(() => log('after'));
      named('b').run(() => Promise.resolve().then(() => { namespace.active.exit(); return thenable; }));
    `);

  it('is so too if it is the first entry of the process, and somebody else has promises followed', () =>
    stepsInOrder('then a | after default | later default')`
      new AsyncLocalStorage().enterWith('a');
      Promise.resolve().then(() => {
        named('a').enter();
        return { then(resolve) { log('then'); resolve(); } };
      }).then(() => log('after'));
      setImmediate(() => log('later'));
    `);
});

describe('the execution stack', () => {
  it('grows with scopes that are nested deeper than anybody does', () =>
    stepsInOrder('innermost a | outside default')`
      const context = named('a');
      const nest = (depth) => {
        if (depth === 0) return log('innermost');
        new AsyncResource('nested').runInAsyncScope(() => nest(depth - 1));
        assertActive(context);
      };
      context.run(() => nest(1000));
      log('outside');
    `);
});

describe('what is loaded but not used', () => {
  it('switches no hook on', () =>
    stepsInOrder('0 | 0 | bound a')`
      const { executionAsyncResource } = require('async_hooks');
      const context = named('a');
      context.set('key', namespace.get('key'));
      const bound = context.bind(() => log('bound'));
      const promise = Promise.resolve();
      console.log(Object.getOwnPropertySymbols(promise).length);
      setImmediate(() => {
        console.log(Object.getOwnPropertySymbols(executionAsyncResource()).filter((key) => key.description.startsWith('context')).length);
        bound();
      });
    `);
});
