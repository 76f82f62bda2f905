'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { Files } = require('../../../lib/observing/profiler/cli/files');
const { Profile } = require('../../../lib/observing/profiler/profile');

/** How many functions there are with a name of a megabyte: as JSON they are more than a string may have. */
const FUNCTIONS = 600;
const NAME = 'x'.repeat(2 ** 20);

/** More samples than are written at a time. */
const SAMPLES = 100_000;

/** A profile whose JSON is longer than a string may be, as that of many hours is. */
function makeProfile() {
  const frameOf = (functionName, lineNumber) => ({ functionName, scriptId: '0', url: '', lineNumber, columnNumber: -1 });
  return new Profile({
    keys: ['route'],
    interval: 1,
    startedAt: Date.now(),
    start: 0,
    end: SAMPLES * 1000,
    parents: [-1, ...Array.from({ length: FUNCTIONS }, () => 0)],
    frames: [frameOf('(root)', -1), ...Array.from({ length: FUNCTIONS }, (_, line) => frameOf(NAME, line))],
    count: SAMPLES,
    nodes: Uint32Array.from({ length: SAMPLES }, (_, index) => 1 + (index % FUNCTIONS)),
    times: Float64Array.from({ length: SAMPLES }, (_, index) => index * 1000),
    labels: new Int32Array(SAMPLES),
    labelSets: [[undefined]],
  });
}

describe('A profile of many hours', () => {
  it('is written, though its JSON is longer than a string may be', async () => {
    const profile = makeProfile();
    assert.throws(() => JSON.stringify(profile.toCpuProfile()), RangeError);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'context-'));
    try {
      new Files(folder, ['route']).write(profile);
      const [file, ...others] = fs.readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
      assert.deepStrictEqual(others, []);
      let size = 0;
      let last = '';
      for await (const text of fs.createReadStream(path.join(folder, file), { encoding: 'utf8', highWaterMark: 2 ** 20 })) {
        size += text.length;
        last = `${last}${text}`.slice(-2 * NAME.length);
      }
      const { samples, timeDeltas } = JSON.parse(`{${last.slice(last.indexOf('"samples":['))}`);
      assert.ok(size > FUNCTIONS * NAME.length, `${size} characters`);
      assert.deepStrictEqual([samples.length, timeDeltas.length], [SAMPLES, SAMPLES]);
      assert.ok(timeDeltas.every((delta, index) => delta === (index === 0 ? 0 : 1000)));
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
