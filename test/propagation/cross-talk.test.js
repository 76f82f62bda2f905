'use strict';

const assert = require('node:assert');

const { crossTalk } = require('./random/cross-talk');

describe('1,000 requests at a time', () => {
  it('see no value of another one', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const { checked, foreign, first } = await crossTalk({ checks: 50_000, seed });
    assert.strictEqual(foreign, 0, `${first}; seed ${seed}`);
    assert.ok(checked >= 50_000);
  });
});
