'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { root, runNode } = require('../../support/child');
const { snippetsOf } = require('../../support/snippets');

const folder = path.join(root, 'examples', 'distributed');

describe('the example of two processes', () => {
  it('has the values of a namespace, the trace and the parent span in the second process', async () => {
    const { code, stdout, stderr } = await runNode([path.join(folder, 'main.js')]);
    assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: '' });
    const page = fs.readFileSync(path.join(root, 'docs', 'distributed.md'), 'utf8');
    assert.ok(page.includes(`\n\`\`\`text\n${stdout}\`\`\`\n`), stdout);
  });

  it('is what docs/distributed.md shows', () => {
    const snippets = snippetsOf('docs/distributed.md');
    assert.ok(snippets.length >= 2);
    const files = fs.readdirSync(folder).map((name) => fs.readFileSync(path.join(folder, name), 'utf8'));
    for (const { line, program } of snippets) {
      const isShown = files.some((file) => file.includes(program));
      assert.ok(isShown, `line ${line} is not in the example`);
    }
  });
});
