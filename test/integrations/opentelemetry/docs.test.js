'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { root, runNode } = require('../../support/child');
const { snippetsOf } = require('../../support/snippets');

const folder = path.join(root, 'examples', 'distributed');
const main = path.join(folder, 'main.js');

describe('the programs in docs/opentelemetry.md', () => {
  for (const { line, program, output } of snippetsOf('docs/opentelemetry.md')) {
    it(`print what is written there: line ${line}`, async () => {
      assert.deepStrictEqual(await runNode(program), { code: 0, stdout: output, stderr: '' });
    });
  }
});

describe('the example of two processes', () => {
  it('has the values of a namespace, the trace and the parent span in the second process', async () => {
    const { code, stdout, stderr } = await runNode([main]);
    assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: '' });
    const page = fs.readFileSync(path.join(root, 'docs', 'distributed.md'), 'utf8');
    assert.ok(page.includes(`\n\`\`\`text\n${stdout}\`\`\`\n`), stdout);
  });

  it('ends with code 1 if a value is lost on the way', async () => {
    const { code, stdout, stderr } = await runNode(['--require', path.join(__dirname, 'lost-baggage.js'), main]);
    assert.strictEqual(code, 1);
    assert.match(stdout, /^The second process saw undefined of the tenant undefined/);
    assert.match(stderr, /^It should have seen order-1 of the tenant blue, no password, in the trace [0-9a-f]{32}\.$/m);
  });

  it('is what docs/distributed.md shows', () => {
    const snippets = snippetsOf('docs/distributed.md');
    assert.ok(snippets.length >= 2);
    const files = fs.readdirSync(folder).map((name) => fs.readFileSync(path.join(folder, name), 'utf8'));
    for (const { line, program } of snippets) {
      assert.ok(
        files.some((file) => file.includes(program)),
        `line ${line} is not in the example`,
      );
    }
  });
});
