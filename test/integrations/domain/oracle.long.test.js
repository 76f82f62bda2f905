'use strict';

const assert = require('node:assert');

const endings = require('./endings');
const { outcomeOf } = require('./outcome');

describe('a program ends the same with context/domain as with the domain of Node.js', () => {
  for (const [name, program] of Object.entries(endings)) {
    it(name, async () => {
      const [expected, actual] = await Promise.all(['domain', 'context/domain'].map((module) => outcomeOf(module, program)));
      assert.deepStrictEqual(actual, expected);
      assert.ok(expected.lines.length + expected.reports.length > 0, 'a program that shows nothing compares nothing');
    });
  }
});
