'use strict';

const assert = require('node:assert');
const path = require('node:path');

const { runNode } = require('../../support/child');
const programs = require('./programs');

describe('context/cls does what cls-hooked does', () => {
  let ours;
  let theirs;

  before(async () => {
    [ours, theirs] = await Promise.all(
      ['context/cls', 'cls-hooked'].map(async (library) => {
        const { code, stdout, stderr } = await runNode([path.join(__dirname, 'run.js'), library]);
        assert.strictEqual(code, 0, stderr);
        return JSON.parse(stdout);
      }),
    );
  });

  for (const title of Object.keys(programs)) {
    it(title, () => {
      assert.deepStrictEqual(ours[title], theirs[title]);
      assert.ok(theirs[title].length > 0, 'a program that logs nothing compares nothing');
    });
  }
});
