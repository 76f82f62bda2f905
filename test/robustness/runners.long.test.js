'use strict';

const assert = require('node:assert');
const path = require('node:path');

const { root, runNode } = require('../support/child');

const suite = path.join(__dirname, 'programs', 'runner-suite.js');

const jest = require.resolve('jest/bin/jest');

describe('the tests of an application', () => {
  it('may have the package in what they test: node --test', async () => {
    const { code, stdout, stderr } = await runNode(['--test', '--test-reporter', 'tap', suite]);
    assert.strictEqual(code, 0, stdout + stderr);
    assert.match(stdout, /ok 1 - keeps them apart: 1/);
    assert.match(stdout, /^# fail 0$/m);
  });

  it('may have the package in what they test: Jest', async () => {
    const config = { rootDir: root, testMatch: [suite], modulePathIgnorePatterns: ['/.cache/'] };
    const { code, stderr } = await runNode([jest, '--runInBand', '--config', JSON.stringify(config)]);
    assert.strictEqual(code, 0, stderr);
    assert.match(stderr, /^Tests: +9 passed, 9 total$/m);
    // A look at Node.js' own list of hooks must not print its deprecation warning here.
    assert.doesNotMatch(stderr, /DEP0111/);
  });
});
