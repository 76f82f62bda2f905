'use strict';

const assert = require('node:assert');

const { crossTalk } = require('./random/cross-talk');
const { runNode } = require('../support/child');

describe('1,000 requests at a time', () => {
  it('see no value of another one', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const { checked, foreign, first } = await crossTalk({ checks: 200_000, seed });
    assert.strictEqual(foreign, 0, `${first}; seed ${seed}`);
    assert.ok(checked >= 200_000);
  });

  it('are found out if one value gets lost, with the seed and the place', async () => {
    const fault = ['-r', './test/propagation/programs/drop-snapshots.js'];
    const options = ['--minutes', '0', '--checks', '200000', '--seed', '7'];
    const { code, stdout, stderr } = await runNode([...fault, 'tools/soak.js', ...options]);
    assert.strictEqual(code, 1, stdout);
    assert.match(stdout, /with seed 7, [1-9]\d* foreign/);
    assert.match(stderr, /^The first one: request \d+, step '\w+', .*: '.*' is expected in cross-talk\.\d, but it has '.*'$/m);
  });
});
