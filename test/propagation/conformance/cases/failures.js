'use strict';

const { AsyncResource } = require('node:async_hooks');

const LEFT = 'Node.js without AsyncContextFrame has left the callback when it calls the handler';
const NO_HOOK = 'Node.js calls no hook before it, so the core has nothing active';

/** Cases that fail in some way, each of which has a handler of the process call back the unit of work that it is of. */
function failing(event, fails, { loses = {}, unknown = {} } = {}) {
  const prepare = (after) => {
    const handler = (error) => error.handled();
    process.on(event, handler);
    after(() => process.off(event, handler));
  };
  return Object.entries(fails).map(([name, failIn]) => ({
    name: `${event}: ${name}`,
    prepare,
    loses,
    unknown,
    start(step, { done }) {
      const handled = () => {
        step('handler');
        setImmediate(() => done(step('from the handler')));
      };
      failIn(Object.assign(new Error('to be handled'), { handled }));
    },
  }));
}

function fail(error) {
  throw error;
}

const inAsyncFunction = async (error) => {
  await null;
  throw error;
};

module.exports = [
  ...failing(
    'unhandledRejection',
    {
      'a rejected promise': (error) => void Promise.reject(error),
      'an async function': inAsyncFunction,
      'a promise that is rejected by a timer': (error) => new Promise((resolve, reject) => setTimeout(reject, 1, error)),
    },
    { unknown: { handler: NO_HOOK } },
  ),
  ...failing('uncaughtException', {
    'of a timer': (error) => setTimeout(fail, 1, error),
    'of an immediate': (error) => setImmediate(fail, error),
    'of a tick': (error) => process.nextTick(fail, error),
    'of a resource in another'(error) {
      const resource = new AsyncResource('conformance');
      setImmediate(() => new AsyncResource('around').runInAsyncScope(() => resource.runInAsyncScope(fail, undefined, error)));
    },
    'an unhandled rejection': inAsyncFunction,
  }),
  ...failing(
    'uncaughtException',
    { 'of a microtask': (error) => queueMicrotask(() => fail(error)) },
    { loses: { handler: LEFT, 'from the handler': LEFT } },
  ),
];
