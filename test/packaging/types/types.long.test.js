'use strict';

const assert = require('node:assert');

const { runNode } = require('../../support/child');

describe('the entry points', () => {
  const tools = {
    'have types that are found by all ways of resolving them': [
      '@arethetypeswrong/cli/dist/index.js',
      '--pack',
      '.',
      '--no-emoji',
    ],
    'are what package.json says': ['publint/src/cli.js', 'run', '--strict', '.'],
  };
  for (const [what, [tool, ...args]] of Object.entries(tools)) {
    it(what, async () => {
      const { code, stdout, stderr } = await runNode([`node_modules/${tool}`, ...args], { NODE_OPTIONS: '' });
      assert.strictEqual(code, 0, stdout + stderr);
    }).timeout(120_000);
  }
});
