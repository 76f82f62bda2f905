'use strict';

const assert = require('node:assert');
const { setTimeout: delay } = require('node:timers/promises');

const { createNamespace, destroyNamespace } = require('context');
const usage = require('context/usage');

const { work } = require('../usage/work');
const { burn, startSampling } = require('./burn');

/** Milliseconds. */
const WAIT = 150;
const WAITS = 5;

/** How much of the waits must be seen: the first interval of each counts as work, and on a busy machine more. */
const SEEN = 0.6 * WAIT * WAITS;

const timeOfRows = (profile) => profile.by('route').reduce((sum, { time }) => sum + time, 0);

/** The time of a function's samples in a file, as viewers count it: each sample lasts until the next one. */
function timeOf(name, { nodes, samples, timeDeltas, startTime, endTime }) {
  const ids = new Set(nodes.filter(({ callFrame }) => callFrame.functionName === name).map(({ id }) => id));
  let time = 0;
  let at = startTime;
  samples.forEach((id, index) => {
    at += timeDeltas[index];
    const next = index + 1 < samples.length ? at + timeDeltas[index + 1] : endTime;
    if (ids.has(id)) time += next - at;
  });
  return time / 1000;
}

describe('What the loop waits, in a profile', () => {
  const namespace = createNamespace('waits');

  after(() => destroyNamespace('waits'));

  for (const interval of [0.5, 10]) {
    it(`is nobody's time, nor that of what ran before it, also for Node.js and context/usage: samples every ${interval} ms`, async () => {
      const profiling = await startSampling({ keys: ['route'], interval });
      const counting = usage.start({ keys: ['route'] });
      // The longest counts: in one of the waits the machine may have no processor for us.
      let longest = 0;
      for (let n = 0; n < WAITS; n++) {
        namespace.createContext({ route: '/work' }).run(() => burn(20));
        const before = performance.eventLoopUtilization();
        await delay(WAIT);
        longest = Math.max(longest, performance.eventLoopUtilization(before).idle);
      }
      counting.stop();
      const counted = counting.by('route').at(-1);
      assert.ok(counted.row === 'idle' && counted.loopTime > SEEN, JSON.stringify(counted));
      const profile = await profiling.stop();
      const working = timeOfRows(profile);
      assert.ok(profile.duration - working > SEEN, `${working} of ${profile.duration} ms`);
      const idle = timeOf('(idle)', profile.toCpuProfile());
      assert.ok(idle > SEEN, `${idle} ms`);
      assert.ok(longest > 0.6 * WAIT, `${longest} ms`);
    });
  }

  it('leaves rows that add up to the rest, although the waits are as short as the turns', async () => {
    const profiling = await startSampling({ keys: ['route'] });
    const before = performance.eventLoopUtilization();
    let left = 300;
    await new Promise((resolve) => {
      const turn = () => {
        work(1.5);
        if (--left === 0) resolve();
        else setTimeout(turn, 1);
      };
      namespace.createContext({ route: '/turns' }).run(() => setTimeout(turn, 1));
    });
    const { idle } = performance.eventLoopUtilization(before);
    const short = await profiling.stop();
    const busy = short.duration - idle;
    const total = timeOfRows(short);
    assert.ok(idle > 50 && Math.abs(total - busy) < 0.15 * busy + 2, `${total} of ${busy} ms, ${idle} ms idle`);
  });
});
