'use strict';

const assert = require('node:assert');

const { runNode } = require('../support/child');
const { snippetsOf } = require('../support/snippets');
const { needsUnits } = require('./units/needs');

const pages = ['README.md', 'docs/agents.md', 'docs/api.md', 'docs/cancellation.md', 'docs/finding-losses.md', 'docs/jobs.md'];

for (const page of [...pages, 'docs/leaks.md', 'docs/profiler.md', 'docs/testing.md', 'docs/usage.md', 'docs/workers.md']) {
  describe(`the programs in ${page}`, () => {
    for (const { line, program, output } of snippetsOf(page)) {
      // test/packaging/units/snippets.long.test.js runs those.
      if (needsUnits(program)) continue;
      it(`run and print what is printed there: line ${line}`, async () => {
        const { code, stdout, stderr } = await runNode(program);
        assert.strictEqual(code, 0, stderr);
        if (output !== undefined) assert.strictEqual(stdout, output);
      });
    }
  });
}
