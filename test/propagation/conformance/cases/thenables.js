'use strict';

const { cases } = require('../case');

/** Settles in its `then`, at once. */
function foreign(step) {
  return {
    then(resolve) {
      step('then of the thenable');
      resolve();
    },
  };
}

/** As query builders have them: `then` starts the work, and settles when that is done. */
function lazy(step) {
  return {
    then(resolve) {
      step('then starts the work');
      setTimeout(() => {
        step('the work');
        resolve();
      }, 1);
    },
  };
}

/** Settles when somebody else says so, as a connection does that answers all queries. */
function makeQueue() {
  const waiting = [];
  const answer = () => {
    for (const resolve of waiting.splice(0)) resolve();
    queue.timer = setTimeout(answer, 1);
  };
  const queue = { query: () => ({ then: (resolve) => waiting.push(resolve) }), timer: setTimeout(answer, 1) };
  return queue;
}

module.exports = cases({
  async 'await of a foreign thenable'(step) {
    await foreign(step);
    step('awaited');
  },
  async 'await of a lazy thenable'(step) {
    await lazy(step);
    step('awaited');
  },
  async 'a lazy thenable that is made before it is awaited'(step) {
    const query = lazy(step);
    await new Promise((resolve) => setImmediate(resolve));
    await query;
    step('awaited');
  },
  'a thenable that settles in a callback of somebody else': {
    prepare(after) {
      const queue = makeQueue();
      after(() => clearTimeout(queue.timer));
      return queue;
    },
    async start(step, { shared }) {
      await shared.query();
      step('awaited');
      await shared.query();
      step('awaited again');
    },
  },
  async 'a thenable that an async function returns'(step) {
    const query = async () => lazy(step);
    await query();
    step('awaited');
  },
  'a thenable that is returned from then': (step) =>
    Promise.resolve()
      .then(() => lazy(step))
      .then(() => step('next then')),
  'Promise.resolve of a thenable': (step) => Promise.resolve(foreign(step)).then(() => step('next then')),
  async 'Promise.all of thenables'(step) {
    await Promise.all([foreign(step), lazy(step)]);
    step('awaited');
  },
  async 'a thenable that rejects'(step) {
    const failing = {
      then(resolve, reject) {
        step('then of the thenable');
        setImmediate(() => reject(new Error('to be caught')));
      },
    };
    try {
      await failing;
    } catch {
      step('catch');
    }
  },
  'a shared thenable that is awaited in several contexts': {
    prepare: () => ({ thenable: { then: (resolve) => setImmediate(resolve) } }),
    async start(step, { shared }) {
      await shared.thenable;
      step('awaited');
    },
  },
});
