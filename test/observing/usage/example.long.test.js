'use strict';

const assert = require('node:assert');
const path = require('node:path');

const { linesOf } = require('../../support/child');

describe('examples/noisy-neighbour.js', () => {
  it('prints who has the loop, the expensive tenant first', async () => {
    const lines = await linesOf([path.join('examples', 'noisy-neighbour.js')]);
    const names = lines.map((line) => /^│ \d+ +│ '([^']+)'/.exec(line)?.[1]).filter(Boolean);
    assert.strictEqual(names[0], 'hooli', lines.join('\n'));
    assert.deepStrictEqual(names.slice(1, 4).sort(), ['acme', 'globex', 'initech']);
    assert.deepStrictEqual(names.slice(4), ['no context', 'garbage collection', 'idle']);
  });
});
