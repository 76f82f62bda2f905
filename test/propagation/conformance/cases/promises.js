'use strict';

const { callbackify, promisify } = require('node:util');

const { cases } = require('../case');

const turn = () => new Promise((resolve) => setImmediate(resolve));

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
  'then on a pending promise': (step) =>
    turn()
      .then(turn)
      .then(() => step('then')),
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
    async start(step, { shared, owner }) {
      if (owner === 2) setImmediate(shared.resolve);
      await shared.promise;
      step('awaited');
    },
  },
  'a shared promise that is made in the first of the contexts': {
    prepare: () => ({ promise: undefined }),
    async start(step, { shared }) {
      shared.promise ??= turn().then(() => 'made');
      await shared.promise;
      step('awaited');
    },
  },
  'a promise that never settles, beside one that does': {
    prepare: () => ({ never: new Promise(() => {}) }),
    async start(step, { shared }) {
      shared.never.then(() => step('never'));
      await Promise.race([shared.never, new Promise(() => {}), turn()]);
      step('raced');
    },
  },
  async 'Promise.all, allSettled and any'(step) {
    await Promise.all([turn(), null, turn()]);
    step('all');
    await Promise.allSettled([turn(), Promise.reject(new Error('settled'))]);
    step('allSettled');
    await Promise.any([Promise.reject(new Error('not any')), turn()]);
    step('any');
  },
  async 'branches that go on at a time'(step) {
    const branch = async (turns) => {
      for (let left = turns; left > 0; left--) {
        await turn();
        step('branch');
      }
    };
    await Promise.all([branch(1), branch(3), branch(2)]);
    step('joined');
  },
  async 'a class that extends Promise'(step) {
    class Own extends Promise {}
    await new Own((resolve) => setImmediate(resolve)).then(() => step('then'));
    await new Own((resolve) => setImmediate(resolve));
    step('awaited');
  },
  async 'util.promisify'(step) {
    await promisify((callback) => setImmediate(callback))();
    step('awaited');
  },
  'util.callbackify': (step) => new Promise((resolve) => callbackify(turn)(() => resolve(step('callback')))),
  async 'import()'(step) {
    await import('node:path');
    step('awaited');
  },
  async 'promises that take no property'(step) {
    await Object.freeze(new Promise((resolve) => setImmediate(resolve)));
    step('await of a frozen promise');
    await Object.freeze(Promise.resolve()).then(() => step('then of a frozen promise'));
    await Object.seal(Promise.resolve().then(() => step('a reaction whose promise is sealed')));
    await Object.freeze(Promise.resolve().then(() => step('a reaction whose promise is frozen')));
    step('after');
  },
});
