'use strict';

const assert = require('node:assert');

const { linesOf } = require('../support/child');
const { cases, measure } = require('./growth-cases');

/** How much longer four times as much may take: 4 is linear, 16 is quadratic. */
const LIMIT = 8;

/** How often the times are taken, if they look like more than linear: the least of each counts. */
const ATTEMPTS = 5;

describe('what a program does as often as it likes takes time in proportion', function () {
  this.timeout(300_000);

  for (const [index, { name, note }] of cases.entries()) {
    if (note !== undefined) continue;
    it(name, async () => {
      let [least, most] = [Infinity, Infinity];
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const results = await measure(index, { factors: [1, 4] });
        for (const { size, error } of results) assert.strictEqual(error, undefined, `${size} times: ${error}`);
        // Not what is too little to be measured.
        least = Math.min(least, Math.max(results[0].time, 10));
        most = Math.min(most, results[1].time);
        if (most / least < LIMIT) return;
      }
      assert.fail(`${cases[index].size} times take ${least} ms of the processor, four times as many take ${most} ms`);
    });
  }
});

describe('nested runs', () => {
  it('may be about as deep as those of AsyncLocalStorage', async () => {
    const [line] = await linesOf(`
      const { AsyncLocalStorage } = require('async_hooks');
      const { createNamespace } = require('context');
      process.on('warning', () => {});
      /** How deep calls get that start each other, before the stack is full. */
      const levelsOf = (run) => {
        let levels = 0;
        const next = () => { levels++; run(next, levels); };
        try { next(); } catch (error) { if (!(error instanceof RangeError)) throw error; }
        return levels;
      };
      const storage = new AsyncLocalStorage();
      const namespace = createNamespace('nested');
      const context = namespace.createContext();
      const runs = {
        storage: (next, level) => storage.run(level, next),
        'namespace.run': (next) => namespace.run(next),
        'context.run': (next) => namespace.createContext().run(next),
        'bound functions': (next) => namespace.createContext().bind(next)(),
        'run of one context': (next) => context.run(next),
      };
      const most = {};
      for (let round = 0; round < 3; round++) {
        for (const [name, run] of Object.entries(runs)) most[name] = Math.max(most[name] ?? 0, levelsOf(run));
      }
      console.log(JSON.stringify(most));
    `);
    const { storage, ...ours } = JSON.parse(line);
    const shallow = Object.entries(ours).filter(([, levels]) => levels < 0.75 * storage);
    assert.deepStrictEqual(shallow, [], `AsyncLocalStorage gets through ${storage} levels; ${line}`);
  });
});
