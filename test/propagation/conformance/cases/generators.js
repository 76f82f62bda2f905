'use strict';

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

module.exports = [
  {
    name: 'an async generator in for await',
    async start(step) {
      // eslint-disable-next-line no-unused-vars
      for await (const number of count(step)) step('loop');
      step('after');
    },
  },
  {
    name: 'an async generator that is left',
    async start(step) {
      for await (const number of count(step)) {
        step('loop');
        if (number === 1) break;
      }
      step('after');
    },
  },
  {
    name: 'an async generator that delegates to another',
    async start(step) {
      async function* outer() {
        yield* count(step);
        step('delegated');
      }
      // eslint-disable-next-line no-unused-vars
      for await (const number of outer()) step('loop');
    },
  },
  {
    name: 'next, called several times without waiting',
    async start(step) {
      const numbers = count(step);
      await Promise.all([numbers.next(), numbers.next(), numbers.next(), numbers.next()]);
      step('awaited');
    },
  },
  {
    name: 'a generator that another context made',
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
  {
    name: 'for await of promises in an array',
    async start(step) {
      // eslint-disable-next-line no-unused-vars
      for await (const item of [turn(), Promise.resolve(), null]) step('loop');
      step('after');
    },
  },
  {
    name: 'an own async iterator',
    async start(step) {
      let left = 3;
      const iterator = {
        next() {
          step('next');
          return turn().then(() => ({ done: left-- === 0, value: null }));
        },
        [Symbol.asyncIterator]: () => iterator,
      };
      // eslint-disable-next-line no-unused-vars
      for await (const item of iterator) step('loop');
      step('after');
    },
  },
];
