'use strict';

const { awaiting, cases, turn } = require('../case');

/** Settles in its `then`, at once. */
const foreign = (step) => ({
  then(resolve) {
    step('then of the thenable');
    resolve();
  },
});

/** As query builders have them: `then` starts the work, and settles when that is done. */
const lazy = (step) => ({
  then(resolve) {
    step('then starts the work');
    setTimeout(() => resolve(step('the work')), 1);
  },
});

/** Settles when somebody else says so, as a connection does that answers all queries. */
function makeQueue(after) {
  const waiting = [];
  const interval = setInterval(() => {
    for (const resolve of waiting.splice(0)) resolve();
  }, 1);
  after(() => clearInterval(interval));
  return { query: () => ({ then: (resolve) => waiting.push(resolve) }) };
}

module.exports = cases({
  'await of a foreign thenable': awaiting(foreign),
  'await of a lazy thenable': awaiting(lazy),
  'a lazy thenable that is made before it is awaited': awaiting(async (step) => {
    const query = lazy(step);
    await turn();
    await query;
  }),
  'a thenable that settles in a callback of somebody else': {
    prepare: makeQueue,
    async start(step, { shared }) {
      await shared.query();
      step('awaited');
      await shared.query();
      step('awaited again');
    },
  },
  'a thenable that an async function returns': awaiting(async (step) => lazy(step)),
  'a thenable that is returned from then': awaiting((step) =>
    Promise.resolve()
      .then(() => lazy(step))
      .then(() => step('next then')),
  ),
  'Promise.resolve of a thenable': (step) => Promise.resolve(foreign(step)).then(() => step('next then')),
  'Promise.all of thenables': awaiting((step) => Promise.all([foreign(step), lazy(step)])),
  async 'a thenable that rejects'(step) {
    const then = (resolve, reject) => {
      step('then of the thenable');
      setImmediate(() => reject(new Error('to be caught')));
    };
    try {
      await { then };
    } catch {
      step('catch');
    }
  },
  'a shared thenable that is awaited in several contexts': {
    prepare: () => ({ thenable: { then: (resolve) => setImmediate(resolve) } }),
    start: awaiting(async (step, { shared }) => await shared.thenable),
  },
});
