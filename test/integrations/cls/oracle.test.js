'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { runNode } = require('../../support/child');

const folder = path.join(__dirname, 'shared');
const names = fs.readdirSync(folder).filter((name) => name.endsWith('.test.js'));
const files = names.map((name) => path.join(folder, name));
const mocha = require.resolve('mocha/bin/mocha.js');

describe('what is expected of context/cls', () => {
  // In a process of its own: cls-hooked takes process.namespaces, and its hooks cannot be switched off.
  it('is what cls-hooked does', async () => {
    const args = [mocha, '--no-config', '--forbid-pending', '--reporter', 'dot', ...files];
    const { code, stdout } = await runNode(args, { CLS_LIBRARY: 'cls-hooked' });
    assert.strictEqual(code, 0, stdout);
    assert.match(stdout, /passing/);
  });
});
