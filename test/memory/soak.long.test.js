'use strict';

const assert = require('node:assert');

const { judge, slopeOf } = require('./slopes');
const { runNode } = require('../support/child');

const meters = ['heap', 'external', 'native pages', 'resident'];

const load = (...before) => runNode([...before, 'tools/soak.js', '--minutes', '0.06', '--checks', '0']);

/** Samples of a program whose memory is so many bytes, by a function of the number of requests. */
function samplesOf(bytes) {
  return Array.from({ length: 60 }, (_, index) => {
    const requests = index * 1000;
    return { requests, ...Object.fromEntries(meters.map((name) => [name, bytes(requests, index)])) };
  });
}

const growing = (samples) =>
  judge(samples)
    .filter(({ grows }) => grows)
    .map(({ name }) => name);

describe('the slope through samples', () => {
  it('is that of a line, whatever a few of them are', () => {
    const points = Array.from({ length: 50 }, (_, x) => ({ x, y: 3 * x + 100 }));
    assert.strictEqual(slopeOf(points), 3);
    for (const x of [5, 20, 49]) points[x].y = 1e9;
    assert.strictEqual(slopeOf(points), 3);
  });

  it('distinguishes what grows from what goes up and down', () => {
    assert.deepStrictEqual(growing(samplesOf(() => 1e8)), []);
    assert.deepStrictEqual(growing(samplesOf((requests, index) => 1e8 + (index % 7) * 1e6)), []);
    assert.deepStrictEqual(growing(samplesOf((requests) => 1e8 + requests * 2000)), meters);
    assert.deepStrictEqual(growing(samplesOf((requests, index) => 1e8 + requests * 2000 + (index % 7) * 1e6)), meters);
  });

  it('leaves the warm-up out', () => {
    assert.deepStrictEqual(growing(samplesOf((requests) => 1e8 + Math.min(requests, 15000) * 2000)), []);
  });

  it('is ignored if it comes to little, and counts in the long run', () => {
    assert.deepStrictEqual(growing(samplesOf((requests) => 1e8 + requests)), []);
    const long = samplesOf((requests) => 1e8 + requests * 100).map((sample) => ({ ...sample, requests: sample.requests * 2 }));
    assert.deepStrictEqual(growing(long), ['heap', 'external', 'native pages']);
  });
});

describe('a server under load', function () {
  this.timeout(600_000);

  it('stays flat, with requests that fail and are aborted, workers that are terminated, namespaces that go', async () => {
    const { code, stdout, stderr } = await load();
    assert.strictEqual(code, 0, stdout + stderr);
    for (const meter of meters) assert.match(stdout, new RegExp(`^\\| ${meter} .* flat \\|$`, 'm'));
    assert.match(stdout, /^\d+ requests, 0 wrong answers/m);
  });

  it('is found to grow if contexts are kept', async () => {
    const { code, stdout, stderr } = await load('-r', './test/memory/programs/leak.js');
    assert.strictEqual(code, 1, stdout + stderr);
    for (const meter of ['heap', 'native pages']) assert.match(stdout, new RegExp(`^\\| ${meter} .* grows \\|$`, 'm'));
  });
});
