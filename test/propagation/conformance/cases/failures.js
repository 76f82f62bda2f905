'use strict';

const { AsyncResource } = require('node:async_hooks');

/** Has each failure call back the unit of work that it is of. */
function handle(event) {
  return (after) => {
    const handler = (error) => error.handled();
    process.on(event, handler);
    after(() => process.off(event, handler));
  };
}

/** A case that fails in some way; the handler is a step. */
function failing(event, name, fail, loses) {
  return {
    name: `${event}: ${name}`,
    prepare: handle(event),
    loses: loses && { handler: loses, 'from the handler': loses },
    untold:
      event === 'unhandledRejection' ? { handler: 'Node.js calls no hook before it, so the core has nothing active' } : {},
    start: (step) =>
      new Promise((resolve) => {
        const handled = () => {
          step('handler');
          setImmediate(() => resolve(step('from the handler')));
        };
        fail(Object.assign(new Error('to be handled'), { handled }));
      }),
  };
}

const LEFT = 'Node.js without AsyncContextFrame has left the callback when it calls the handler';

module.exports = [
  failing('unhandledRejection', 'a rejected promise', (error) => void Promise.reject(error)),
  failing('unhandledRejection', 'an async function', async (error) => {
    await null;
    throw error;
  }),
  failing('unhandledRejection', 'a promise that is rejected by a timer', (error) => {
    new Promise((resolve, reject) => setTimeout(reject, 1, error));
  }),
  failing('uncaughtException', 'of a timer', (error) => {
    setTimeout(() => {
      throw error;
    }, 1);
  }),
  failing('uncaughtException', 'of an immediate', (error) => {
    setImmediate(() => {
      throw error;
    });
  }),
  failing('uncaughtException', 'of a tick', (error) => {
    process.nextTick(() => {
      throw error;
    });
  }),
  failing(
    'uncaughtException',
    'of a microtask',
    (error) => {
      queueMicrotask(() => {
        throw error;
      });
    },
    LEFT,
  ),
  failing('uncaughtException', 'of a resource in another', (error) => {
    const resource = new AsyncResource('conformance');
    setImmediate(() => {
      new AsyncResource('around').runInAsyncScope(() => {
        resource.runInAsyncScope(() => {
          throw error;
        });
      });
    });
  }),
  failing('uncaughtException', 'an unhandled rejection', async (error) => {
    await null;
    throw error;
  }),
];
