'use strict';

const { cases, stepThrough } = require('../case');

const turn = () => new Promise((resolve) => setImmediate(resolve));

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
  async 'an async generator in for await'(step) {
    await stepThrough(count(step), step, 'loop');
    step('after');
  },
  async 'an async generator that is left'(step) {
    for await (const number of count(step)) {
      step('loop');
      if (number === 1) break;
    }
    step('after');
  },
  async 'an async generator that delegates to another'(step) {
    async function* outer() {
      yield* count(step);
      step('delegated');
    }
    await stepThrough(outer(), step, 'loop');
  },
  async 'next, called several times without waiting'(step) {
    const numbers = count(step);
    await Promise.all([numbers.next(), numbers.next(), numbers.next(), numbers.next()]);
    step('awaited');
  },
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
  async 'for await of promises in an array'(step) {
    await stepThrough([turn(), Promise.resolve(), null], step, 'loop');
    step('after');
  },
  async 'an own async iterator'(step) {
    let left = 3;
    const iterator = {
      next() {
        step('next');
        return turn().then(() => ({ done: left-- === 0, value: null }));
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    await stepThrough(iterator, step, 'loop');
    step('after');
  },
});
