'use strict';

const { setImmediate: nextTurn } = require('node:timers/promises');

const { Bench } = require('tinybench');

const batches = { ...require('./carrying'), ...require('./using') };

const OPERATIONS = 2000;

/** Milliseconds, in which the compiler gets its turn also if a machine is busy. */
const WARM_UP = 40;

/** Enough of them that starting a batch takes longer than the millisecond that its first timer waits. */
const TIMERS = 10_000;

/**
 * Times an operation in batches.
 *
 * @param {() => object} setUp makes the subject, see subjects.js
 * @param {{ name: string, where: string }} measure of the catalogue
 * @param {{ time: number }} effort milliseconds to go on for
 * @returns {Promise<Record<string, number>>} nanoseconds an operation, the median of the batches; nothing if the
 *   subject has no such operation
 */
async function timed(setUp, { name, where }, { time }) {
  const subject = setUp();
  const batch = batches[name](subject);
  if (!batch) return {};
  const operations = name === 'setTimeout' ? TIMERS : OPERATIONS;
  const measure = async () => {
    const bench = new Bench({ time, iterations: 10, warmupTime: WARM_UP, warmupIterations: 3 });
    bench.add(name, () => batch(operations));
    const [{ result }] = await bench.run();
    if (result.error) throw result.error;
    return { [name]: (result.latency.p50 * 1e6) / operations };
  };
  if (where !== 'outside') return subject[where](measure);
  // As in a program that has been running for a while: hooks are on, and saw this callback start.
  subject.inside(() => {});
  await nextTurn();
  return measure();
}

module.exports = { timed };
