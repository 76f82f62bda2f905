'use strict';

const assert = require('node:assert');

const { linesOfProcess } = require('../support/steps');

describe('a program whose stack overflows in contexts', () => {
  it('is in none of them afterwards, and goes on', async () => {
    // Less stack than usual overflows sooner.
    const lines = await linesOfProcess(['--stack-size=250', 'test/robustness/programs/overflow.js', '8']);
    assert.deepStrictEqual(lines, ['[]']);
  });
});
