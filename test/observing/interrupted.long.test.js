'use strict';

const { itRuns } = require('./programs');

/** Text for programs: `begin` starts an observer; `end` stops it and returns the tenants that it knows. */
const OBSERVERS = {
  usage: `
    const begin = () => require('context/usage').start({ keys: ['tenant'] });
    const end = (usage) => {
      usage.stop();
      return usage.by('tenant').filter(({ kind }) => kind === 'value').map(({ row }) => row);
    };
  `,
  watchdog: `
    let tenants;
    const begin = () => {
      const watchdog = require('context/watchdog').start({ threshold: 50, destination: require('node:os').devNull });
      return watchdog.on('blocked', ({ namespaces: [{ shares } = { shares: [] }] }) => {
        tenants = shares.map(({ labels }) => labels?.tenant);
      });
    };
    const end = (watchdog) => {
      watchdog.stop();
      return tenants;
    };
  `,
  profiler: `
    let profile;
    const begin = () => require('context/profiler').continuous({ keys: ['tenant'] }, (next) => { profile = next; });
    const end = (profiling) => {
      profiling.stop();
      return profile.by('tenant').filter(({ value }) => value !== undefined).map(({ value }) => value);
    };
  `,
};

/** Text for programs: \`assertWorks\` asserts that a new observer works, or the one that is `observing`, and that all is left as it was. */
const HEAD = `
  const assert = require('assert');
  const namespace = require('context').createNamespace('interrupted');
  namespace.expose('tenant');
  // The engine may listen for itself from the first entry on.
  namespace.run(() => {});
  const listeners = () => process.listenerCount('uncaughtExceptionMonitor');
  const listenersBefore = listeners();
  const { burn } = require('./test/observing/profiler/burn');
  const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
  const throwOnce = (event) => process.once(event, () => { throw new Error('of the program'); });
  let observing;
  async function assertWorks() {
    await turn();
    observing ??= begin();
    await turn();
    await namespace.createContext({ tenant: 'acme' }).run(async () => {
      await null;
      burn(500);
    });
    await turn();
    assert.deepStrictEqual(end(observing), ['acme']);
    assert.strictEqual(listeners(), listenersBefore);
  }
  /** Calls a function at each depth of the stack from which it throws, from the deepest on, until it does not. */
  function callNearTheEnd(callback) {
    let isDone = false;
    let failures = 0;
    const nest = () => {
      try {
        nest();
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
      if (isDone) return;
      try {
        callback();
        isDone = true;
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        failures++;
      }
    };
    nest();
    assert.ok(isDone && failures > 1);
  }
`;

const INTERRUPTIONS = {
  'a start in which a listener of the program throws': `
    throwOnce('newListener');
    assert.throws(begin, { message: 'of the program' });
  `,
  'a stop in which a listener of the program throws': `
    const first = begin();
    throwOnce('removeListener');
    assert.throws(() => first.stop(), { message: 'of the program' });
    first.stop();
  `,
  'starts near the end of the stack': `
    let first;
    callNearTheEnd(() => { first = begin(); });
    first.stop();
  `,
  'nested contexts that fill the stack while it observes': `
    process.removeAllListeners('warning');
    observing = begin();
    const nest = () => namespace.run(nest);
    for (let round = 0; round < 20; round++) assert.throws(nest, RangeError);
    assert.strictEqual(namespace.isActive(), false);
  `,
  'stops near the end of the stack': `
    const first = begin();
    namespace.run(() => callNearTheEnd(() => first.stop()));
  `,
};

for (const [observer, functions] of Object.entries(OBSERVERS)) {
  describe(`context/${observer}`, () => {
    const entries = Object.entries(INTERRUPTIONS).map(([what, text]) => [
      `works after ${what}`,
      `${text} assertWorks().then(() => console.log('done'));`,
    ]);
    itRuns(Object.fromEntries(entries), { head: HEAD + functions });
  });
}
