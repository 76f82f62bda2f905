'use strict';

const assert = require('node:assert');

const { linesOf } = require('./outcome');
const programs = require('./programs');

describe('context/domain logs the same as the domain of Node.js', () => {
  let expected;
  let actual;

  before(async () => {
    [expected, actual] = await Promise.all(['domain', 'context/domain'].map((module) => linesOf(module, programs)));
  });

  for (const name of Object.keys(programs)) {
    it(name, () => {
      assert.deepStrictEqual(actual[name], expected[name]);
      assert.ok(expected[name].length > 0, 'a program that shows nothing compares nothing');
    });
  }
});
