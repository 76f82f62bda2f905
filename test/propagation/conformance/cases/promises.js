'use strict';

const { callbackify, promisify } = require('node:util');

const { awaiting, cases, stepIn, turn } = require('../case');

class Own extends Promise {}

/** Awaits what some functions return, with a step after each. */
const awaitingEach = (makes) => async (step, more) => {
  for (const [label, make] of Object.entries(makes)) {
    await make(step, more);
    step(label);
  }
};

module.exports = cases({
  async 'await of a value'(step) {
    await null;
    step('awaited');
    await 1;
    step('awaited again');
  },
  async 'await of a pending promise'(step) {
    await turn();
    step('awaited');
    await turn();
    step('awaited again');
  },
  async 'await of async functions in one another'(step) {
    const inner = async () => {
      await turn();
      step('inner');
    };
    const outer = async () => {
      await inner();
      step('outer');
    };
    await outer();
    step('outermost');
  },
  'then, catch and finally': (step) =>
    Promise.resolve()
      .then(() => {
        step('then');
        throw new Error('to be caught');
      })
      .catch(() => step('catch'))
      .finally(() => step('finally')),
  'then on a pending promise': (step) => turn().then(turn).then(() => step('then')), // prettier-ignore
  'a promise that is resolved with a promise': (step) => new Promise((resolve) => resolve(turn())).then(() => step('then')),
  async 'await of a rejected promise'(step) {
    try {
      await Promise.reject(new Error('to be caught'));
    } catch {
      step('catch');
    } finally {
      step('finally');
    }
  },
  async 'an async function that rejects later'(step) {
    const fail = async () => {
      await turn();
      throw new Error('to be caught');
    };
    await fail().catch(() => step('catch'));
    await fail().then(null, () => step('then'));
  },
  'a shared promise that is awaited in several contexts': {
    prepare: () => ({ promise: turn() }),
    async start(step, { shared }) {
      shared.promise.then(() => step('then'));
      await shared.promise;
      step('awaited');
      await shared.promise;
      step('awaited again');
    },
  },
  'a shared promise that one of the contexts resolves': {
    prepare() {
      const shared = {};
      shared.promise = new Promise((resolve) => (shared.resolve = resolve));
      return shared;
    },
    start: awaiting((step, { shared, owner }) => {
      if (owner === 2) setImmediate(shared.resolve);
      return shared.promise;
    }),
  },
  'a shared promise that is made in the first of the contexts': {
    prepare: () => ({ promise: undefined }),
    start: awaiting((step, { shared }) => (shared.promise ??= turn().then(() => 'made'))),
  },
  'a promise that never settles, beside one that does': {
    prepare: () => ({ never: new Promise(() => {}) }),
    start: awaiting((step, { shared }) => {
      shared.never.then(() => step('never'));
      return Promise.race([shared.never, new Promise(() => {}), turn()]);
    }),
  },
  'Promise.all, allSettled and any': awaitingEach({
    all: () => Promise.all([turn(), null, turn()]),
    allSettled: () => Promise.allSettled([turn(), Promise.reject(new Error('settled'))]),
    any: () => Promise.any([Promise.reject(new Error('not any')), turn()]),
  }),
  'branches that go on at a time': awaiting((step) => {
    const branch = async (turns) => {
      for (let left = turns; left > 0; left--) {
        await turn();
        step('branch');
      }
    };
    return Promise.all([branch(1), branch(3), branch(2)]);
  }),
  'a class that extends Promise': awaitingEach({
    'after then': (step) => new Own((resolve) => setImmediate(resolve)).then(() => step('then')),
    awaited: () => new Own((resolve) => setImmediate(resolve)),
  }),
  'util.promisify': awaiting(() => promisify((callback) => setImmediate(callback))()),
  'util.callbackify': (step) => stepIn(callbackify(turn), step),
  'import()': awaiting(() => import('node:path')),
  'promises that can get no property': awaitingEach({
    'await of a frozen promise': () => Object.freeze(turn()),
    'then of a frozen promise': (step) => Object.freeze(Promise.resolve()).then(() => step('then')),
    'await of a reaction': (step) => Object.seal(Promise.resolve().then(() => step('a reaction whose promise is sealed'))),
    after: (step) => Object.freeze(Promise.resolve().then(() => step('a reaction whose promise is frozen'))),
  }),
});
