'use strict';

const assert = require('node:assert');
const path = require('node:path');

const { linesOf } = require('../../support/child');
const { shapes } = require('./shapes');

describe('explain() of context/leaks', () => {
  it('names the holder in each shape, of as many contexts as a FinalizationRegistry counts', async () => {
    const [line] = await linesOf([path.join(__dirname, 'program.js')]);
    const { counts, groups, ended, alive } = JSON.parse(line);
    for (const [name, shape] of Object.entries(shapes)) {
      const [group, ...others] = groups.filter(({ label }) => label === name);
      assert.match(`${group?.line}`, shape.line, name);
      assert.deepStrictEqual([group.count, others], [counts[name], []], name);
      assert.match(group.chain.at(-1), / → object Context$/);
    }
    const held = groups.reduce((sum, { count }) => sum + count, 0);
    assert.deepStrictEqual([held, ended], [alive, alive]);
  });
});
