'use strict';

const { awaiting, cases, stepThrough, turn } = require('../case');

async function* count(step) {
  try {
    for (let number = 0; number < 3; number++) {
      await turn();
      step('generator');
      yield number;
      step('resumed');
    }
  } finally {
    step('finally');
  }
}

module.exports = cases({
  'an async generator in for await': awaiting((step) => stepThrough(count(step), step)),
  async 'an async generator that is left'(step) {
    for await (const number of count(step)) {
      step('loop');
      if (number === 1) break;
    }
    step('after');
  },
  'an async generator that delegates to another': (step) => {
    async function* outer() {
      yield* count(step);
      step('delegated');
    }
    return stepThrough(outer(), step);
  },
  'next, called several times without waiting': awaiting((step) => {
    const numbers = count(step);
    return Promise.all([numbers.next(), numbers.next(), numbers.next(), numbers.next()]);
  }),
  'a generator that another context made': {
    prepare() {
      async function* numbers() {
        for (;;) {
          await turn();
          yield null;
        }
      }
      return numbers();
    },
    async start(step, { shared }) {
      await shared.next();
      step('awaited');
      await shared.next().then(() => step('then'));
    },
  },
  'for await of promises in an array': awaiting((step) => stepThrough([turn(), Promise.resolve(), null], step)),
  'an own async iterator': awaiting((step) => {
    let left = 3;
    const iterator = {
      next() {
        step('next');
        return turn().then(() => ({ done: left-- === 0, value: null }));
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return stepThrough(iterator, step);
  }),
});
