'use strict';

const assert = require('node:assert');

const { runNode } = require('../../support/child');
const { snippetsOf } = require('../../support/snippets');

describe('the programs in docs/domain.md', () => {
  for (const { line, program, output } of snippetsOf('docs/domain.md')) {
    it(`print what is printed there: line ${line}`, async () => {
      const { code, stdout, stderr } = await runNode(program);
      assert.strictEqual(code, 0, stderr);
      assert.strictEqual(stdout, output);
    });
  }
});
