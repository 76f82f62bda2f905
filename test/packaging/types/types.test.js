'use strict';

const assert = require('node:assert');

const { runNode } = require('../../support/child');

it('the types agree with the API', async () => {
  const { code, stdout, stderr } = await runNode(['node_modules/typescript/bin/tsc', '-p', 'test/packaging/types']);
  assert.strictEqual(code, 0, stdout + stderr);
}).timeout(120_000);
