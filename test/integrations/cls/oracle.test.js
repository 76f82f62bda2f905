'use strict';

const assert = require('node:assert');
const path = require('node:path');

const { linesOf } = require('../../support/child');
const programs = require('./programs');

describe('context/cls does what cls-hooked does', () => {
  let ours;
  let theirs;

  before(async () => {
    const run = async (library) => JSON.parse((await linesOf([path.join(__dirname, 'run.js'), library]))[0]);
    [ours, theirs] = await Promise.all(['context/cls', 'cls-hooked'].map(run));
  });

  for (const title of Object.keys(programs)) {
    it(title, () => {
      assert.deepStrictEqual(ours[title], theirs[title]);
      assert.ok(theirs[title].length > 0, 'a program that logs nothing compares nothing');
    });
  }
});
