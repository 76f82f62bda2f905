'use strict';

const assert = require('node:assert');

const { runNode } = require('../support/child');
const { snippetsOf } = require('../support/snippets');

for (const page of [
  'README.md',
  'docs/api.md',
  'docs/finding-losses.md',
  'docs/profiler.md',
  'docs/testing.md',
  'docs/usage.md',
]) {
  describe(`the programs in ${page}`, () => {
    for (const { line, program, output } of snippetsOf(page)) {
      it(`run and print what is printed there: line ${line}`, async () => {
        const { code, stdout, stderr } = await runNode(program);
        assert.strictEqual(code, 0, stderr);
        if (output !== undefined) assert.strictEqual(stdout, output);
      });
    }
  });
}
