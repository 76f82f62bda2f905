'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { root, runNode } = require('../../support/child');

describe('the example of two processes', () => {
  it('has the values of a namespace, the trace and the parent span in the second process', async () => {
    const { code, stdout, stderr } = await runNode(['examples/distributed/main.js']);
    assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: '' });
    const page = fs.readFileSync(path.join(root, 'docs', 'distributed.md'), 'utf8');
    assert.ok(page.includes(`\n\`\`\`text\n${stdout}\`\`\`\n`), stdout);
  });
});
