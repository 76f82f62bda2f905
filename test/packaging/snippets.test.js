'use strict';

const assert = require('node:assert');

const { runNode } = require('../support/child');
const { snippetsOf } = require('../support/snippets');
const { needsUnits } = require('./units/needs');

const names =
  'agents api async-context cancellation domain finding-losses jobs leaks opentelemetry profiler testing usage workers';

for (const page of ['README.md', ...names.split(' ').map((name) => `docs/${name}.md`)]) {
  describe(`the programs in ${page}`, () => {
    for (const { line, program, output } of snippetsOf(page)) {
      // test/packaging/units/snippets.long.test.js runs those.
      if (needsUnits(program)) continue;
      it(`run and print what is printed there: line ${line}`, async () => {
        const { code, stdout, stderr } = await runNode(program);
        assert.strictEqual(code, 0, stderr);
        if (output !== undefined) assert.deepStrictEqual([stdout, stderr], [output, '']);
      });
    }
  });
}
