'use strict';

const { callbackify, promisify } = require('node:util');

const turn = () => new Promise((resolve) => setImmediate(resolve));

module.exports = [
  {
    name: 'await of a value',
    async start(step) {
      await null;
      step('awaited');
      await 1;
      step('awaited again');
    },
  },
  {
    name: 'await of a pending promise',
    async start(step) {
      await turn();
      step('awaited');
      await turn();
      step('awaited again');
    },
  },
  {
    name: 'await of async functions in one another',
    async start(step) {
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
  },
  {
    name: 'then, catch and finally',
    start: (step) =>
      Promise.resolve()
        .then(() => {
          step('then');
          throw new Error('to be caught');
        })
        .catch(() => step('catch'))
        .finally(() => step('finally')),
  },
  {
    name: 'then on a pending promise',
    start: (step) =>
      turn()
        .then(turn)
        .then(() => step('then')),
  },
  {
    name: 'a promise that is resolved with a promise',
    start: (step) => new Promise((resolve) => resolve(turn())).then(() => step('then')),
  },
  {
    name: 'await of a rejected promise',
    async start(step) {
      try {
        await Promise.reject(new Error('to be caught'));
      } catch {
        step('catch');
      } finally {
        step('finally');
      }
    },
  },
  {
    name: 'an async function that rejects later',
    async start(step) {
      const fail = async () => {
        await turn();
        throw new Error('to be caught');
      };
      await fail().catch(() => step('catch'));
      await fail().then(null, () => step('then'));
    },
  },
  {
    name: 'a shared promise that is awaited in several contexts',
    prepare: () => ({ promise: turn() }),
    async start(step, { shared }) {
      shared.promise.then(() => step('then'));
      await shared.promise;
      step('awaited');
      await shared.promise;
      step('awaited again');
    },
  },
  {
    name: 'a shared promise that one of the contexts resolves',
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
  {
    name: 'a shared promise that is made in the first of the contexts',
    prepare: () => ({ promise: undefined }),
    async start(step, { shared }) {
      shared.promise ??= turn().then(() => 'made');
      await shared.promise;
      step('awaited');
    },
  },
  {
    name: 'a promise that never settles, beside one that does',
    prepare: () => ({ never: new Promise(() => {}) }),
    async start(step, { shared }) {
      shared.never.then(() => step('never'));
      await Promise.race([shared.never, new Promise(() => {}), turn()]);
      step('raced');
    },
  },
  {
    name: 'Promise.all, allSettled and any',
    async start(step) {
      await Promise.all([turn(), null, turn()]);
      step('all');
      await Promise.allSettled([turn(), Promise.reject(new Error('settled'))]);
      step('allSettled');
      await Promise.any([Promise.reject(new Error('not any')), turn()]);
      step('any');
    },
  },
  {
    name: 'branches that go on at a time',
    async start(step) {
      const branch = async (turns) => {
        for (let left = turns; left > 0; left--) {
          await turn();
          step('branch');
        }
      };
      await Promise.all([branch(1), branch(3), branch(2)]);
      step('joined');
    },
  },
  {
    name: 'a class that extends Promise',
    async start(step) {
      class Own extends Promise {}
      await new Own((resolve) => setImmediate(resolve)).then(() => step('then'));
      await new Own((resolve) => setImmediate(resolve));
      step('awaited');
    },
  },
  {
    name: 'util.promisify',
    async start(step) {
      await promisify((callback) => setImmediate(callback))();
      step('awaited');
    },
  },
  {
    name: 'util.callbackify',
    start: (step) => new Promise((resolve) => callbackify(turn)(() => resolve(step('callback')))),
  },
  {
    name: 'import()',
    async start(step) {
      await import('node:path');
      step('awaited');
    },
  },
  {
    name: 'promises that take no property',
    async start(step) {
      await Object.freeze(new Promise((resolve) => setImmediate(resolve)));
      step('await of a frozen promise');
      await Object.freeze(Promise.resolve()).then(() => step('then of a frozen promise'));
      await Object.seal(Promise.resolve().then(() => step('a reaction whose promise is sealed')));
      await Object.freeze(Promise.resolve().then(() => step('a reaction whose promise is frozen')));
      step('after');
    },
  },
];
