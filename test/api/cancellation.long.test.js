'use strict';

const assert = require('node:assert');
const { linesOf } = require('../support/child');

/** A program that makes many contexts, and prints how much memory they leave: in MB, after 10,000 and after 100,000. */
const program = (make) => `
  const { setImmediate: nextTurn } = require('timers/promises');
  const namespace = require('context').createNamespace('long');
  const outer = namespace.createContext({}, { timeout: 1e9 });
  const make = ${make};
  const used = async () => {
    for (let round = 0; round < 5; round++) {
      await nextTurn();
      gc();
    }
    return process.memoryUsage().heapUsed / 2 ** 20;
  };
  outer.run(async () => {
    const figures = [];
    for (let made = 0; made <= 100000; made++) {
      if (made === 10000 || made === 100000) figures.push(await used());
      make(namespace);
      if (made % 100 === 0) await nextTurn();
    }
    console.log(figures.join(' '), process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length);
  });`;

const cases = {
  'requests with a timeout that end': (namespace) => namespace.createContext({}, { root: true, timeout: 1e8 }).run(() => {}),
  'requests with a timeout whose signal is used': (namespace) =>
    namespace.createContext({}, { timeout: 1e8 }).run(() => {
      const { signal } = namespace;
      const listener = () => {};
      signal.addEventListener('abort', listener);
      signal.removeEventListener('abort', listener);
    }),
  'contexts whose signal is read': (namespace) => namespace.run(() => namespace.run(() => namespace.signal.aborted)),
  'contexts that are aborted': (namespace) =>
    namespace.run(() => {
      namespace.signal.addEventListener('abort', () => {});
      namespace.active.abort('why');
    }),
};

describe('100,000 under a long outer context leave nothing', () => {
  for (const [what, make] of Object.entries(cases)) {
    it(what, async () => {
      const [line] = await linesOf(program(make));
      const [before, after, timers] = line.split(' ').map(Number);
      // A context that stayed would be 200 bytes and more: 20 MB.
      assert.ok(after - before < 5, `${before} MB, then ${after}`);
      assert.strictEqual(timers, 0);
    });
  }
});
