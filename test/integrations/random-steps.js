'use strict';

const { setImmediate: nextTurn, setTimeout: delay } = require('node:timers/promises');

const fc = require('fast-check');

/** Ways to wait. */
const waits = {
  not: () => undefined,
  then: () => Promise.resolve(),
  tick: () => new Promise((resolve) => process.nextTick(resolve)),
  turn: () => nextTurn(),
  timer: () => delay(1),
  thenable: () => ({ then: (resolve) => resolve() }),
};

/** Lists of steps, so many levels deep: each is entered, waits, and performs steps inside; the next one may wait for it. */
function programs(entries, levels) {
  const parts = {
    entry: fc.constantFrom(...Object.keys(entries)),
    wait: fc.constantFrom(...Object.keys(waits)),
    which: fc.nat({ max: 2 }),
    goOn: fc.boolean(),
    inner: levels === 1 ? fc.constant([]) : programs(entries, levels - 1),
  };
  return fc.array(fc.record(parts), { maxLength: 4, size: 'max' });
}

/**
 * Performs random programs in two implementations at a time, which must have the same active at every point.
 *
 * @param {object} options
 * @param {Record<string, Function>} options.entries each calls a function in something of both, and returns its promise:
 *   `entry(fn, step, taken)`, where `taken` is what `take` returned around the step
 * @param {() => void} options.assertSame
 * @param {() => unknown} [options.take]
 * @param {(call: () => Promise<void>) => Promise<void>} [options.around] calls a program
 * @param {number} options.runs how many programs
 */
function playRandomly({ entries, assertSame, take = () => {}, around = (call) => call(), runs }) {
  async function play(steps, taken) {
    const started = [];
    for (const step of steps) {
      const own = take();
      const work = async () => {
        assertSame();
        await waits[step.wait]();
        assertSame();
        await play(step.inner, own);
        assertSame();
      };
      const promise = entries[step.entry](work, step, taken);
      assertSame();
      if (step.goOn) started.push(promise);
      else await promise;
      assertSame();
    }
    await Promise.all(started);
    assertSame();
  }
  const property = fc.asyncProperty(programs(entries, 4), (steps) => around(() => play(steps, take())));
  return fc.assert(property, { numRuns: runs });
}

module.exports = { playRandomly };
