'use strict';

const assert = require('node:assert');
const path = require('node:path');

const { runNode } = require('../../support/child');

describe('examples/noisy-neighbour.js', () => {
  it('prints who has the loop, the expensive tenant first', async () => {
    const { code, stdout, stderr } = await runNode([path.join('examples', 'noisy-neighbour.js')]);
    assert.strictEqual(code, 0, stderr);
    const names = [...stdout.matchAll(/^│ \d+ +│ '([^']+)'/gm)].map(([, name]) => name);
    assert.strictEqual(names[0], 'hooli', stdout);
    assert.deepStrictEqual(names.slice(1, 4).sort(), ['acme', 'globex', 'initech']);
    assert.deepStrictEqual(names.slice(4), ['no context', 'garbage collection', 'idle']);
  });
});
