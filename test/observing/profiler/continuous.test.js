'use strict';

const assert = require('node:assert');

const { createNamespace, destroyNamespace } = require('context');
const { continuous, start } = require('context/profiler');

const { watchCollection } = require('../../support/collected');
const { itRuns } = require('../programs');
const { burn, labelsByFunction } = require('./burn');
const { decode } = require('./command');

describe('continuous of context/profiler', () => {
  let namespace;
  let profiles;
  const collect = (profile) => profiles.push(profile);

  beforeEach(() => {
    namespace = createNamespace('rotating');
    profiles = [];
  });
  afterEach(() => destroyNamespace('rotating'));

  it('goes on with what runs while one profile follows the other', () => {
    const profiling = continuous({ keys: ['route'], interval: 0.5 }, collect);
    namespace.createContext({ route: '/long' }).run(() => {
      burn();
      profiling.flush();
      (function afterwards() {
        burn();
      })();
    });
    (function outside() {
      burn();
    })();
    profiling.stop();
    const { afterwards, outside } = labelsByFunction(profiles[1]);
    assert.deepStrictEqual([afterwards, outside], [['route: /long'], [undefined]]);
    assert.strictEqual(labelsByFunction(profiles[0]).afterwards, undefined);
  });

  it('hands out the last profile when it is stopped, once, and none after that', async () => {
    const profiling = continuous({ keys: [] }, collect);
    profiling.stop();
    profiling.stop();
    profiling.flush();
    assert.strictEqual(profiles.length, 1);
    await (await start({ keys: [] })).stop();
  });

  it('samples every 10 milliseconds by default, and start every one', async () => {
    continuous({ keys: [] }, collect).stop();
    profiles.push(await (await start({ keys: [] })).stop());
    assert.deepStrictEqual(profiles.map((profile) => Number(decode(profile.toPprof()).pprof.period)), [10_000_000, 1_000_000]); // prettier-ignore
  });

  it('hands out a profile by itself, in what was active when it began', async () => {
    const context = namespace.createContext();
    // It keeps no process alive.
    const waits = setInterval(() => {}, 1000);
    let profiling;
    const begin = (resolve) => (profiling = continuous({ every: 1000, keys: [] }, () => resolve(namespace.active)));
    try {
      assert.strictEqual(await context.run(() => new Promise(begin)), context);
    } finally {
      clearInterval(waits);
      profiling?.stop();
    }
  });

  itRuns({
    'goes on after a listener that throws, as the process does': `
      const assert = require('node:assert');
      const { continuous } = require('context/profiler');
      const uncaught = [];
      process.on('uncaughtException', ({ message }) => uncaught.push(message));
      let profiles = 0;
      const profiling = continuous({ every: 1000, keys: [] }, () => {
        if (++profiles === 1) throw new Error('of the listener');
        if (profiles === 2) return profiling.stop();
        clearInterval(waits);
        if (uncaught.join() === 'of the listener') console.log('done');
      });
      const waits = setInterval(() => {}, 1000);
    `,
  });

  it('keeps nothing of the contexts of a profile that was handed out, nor of those that no sample shows', async () => {
    const { watch, collected } = watchCollection();
    const profiling = continuous({ keys: ['id', 'request'] }, collect);
    // In a function of its own, so that none of its variables keeps anything.
    const serve = (id) => {
      const request = { id };
      watch(request);
      const context = namespace.createContext({ id, request });
      watch(context);
      context.run(() => burn(0.5));
    };
    for (let id = 0; id < 200; id++) serve(id);
    profiling.flush();
    // What Node.js ran last it may keep: a context, and its request.
    await collected(398);
    profiling.stop();
    assert.ok(profiles[0].sampleCount > 0);
  });
});
