'use strict';

const assert = require('node:assert');

const { mapConcurrently, outcomeOf } = require('./outcome');
const programs = require('./programs');

describe('context/domain has the same outcome as the domain of Node.js', () => {
  const outcomes = new Map();

  before(async function () {
    this.timeout(120_000);
    await mapConcurrently(Object.entries(programs), async ([name, program]) => {
      outcomes.set(name, [await outcomeOf('domain', program), await outcomeOf('context/domain', program)]);
    });
  });

  for (const name of Object.keys(programs)) {
    it(name, () => {
      const [expected, actual] = outcomes.get(name);
      assert.deepStrictEqual(actual, expected);
      assert.ok(expected.stdout !== '' || expected.reports.length > 0, 'a program that shows nothing compares nothing');
    });
  }
});
