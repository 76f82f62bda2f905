'use strict';

const assert = require('node:assert');

const { runNode } = require('../support/child');

describe('1,000 requests at a time', () => {
  const CHECKS = ['tools/soak.js', '--minutes', '0', '--checks', '200000'];

  it('see no value of another one', async () => {
    const { code, stdout, stderr } = await runNode(CHECKS);
    assert.strictEqual(code, 0, stdout + stderr);
  });

  it('are found out if one value gets lost, with the seed and the place', async () => {
    const fault = ['-r', './test/propagation/programs/drop-snapshots.js'];
    const { code, stdout, stderr } = await runNode([...fault, ...CHECKS, '--seed', '7']);
    assert.strictEqual(code, 1, stdout);
    assert.match(stdout, /with seed 7, [1-9]\d* foreign/);
    assert.match(stderr, /^The first one: request \d+, step '\w+', .*: '.*' is expected in cross-talk\.\d, but it has '.*'$/m);
  });
});
