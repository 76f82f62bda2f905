'use strict';

const assert = require('node:assert');
const path = require('node:path');

const { runNode } = require('../support/child');

const program = path.join(__dirname, 'programs', 'uncaught.js');

describe('an error that nobody catches', () => {
  // V8 keeps the frame of a microtask that threw for the next one that has none. A function that waits since before the first entry has
  // none with AsyncLocalStorage, which shows its store there.
  it('leaves its context: those that wait in none go on in none', async () => {
    const { code, stdout, stderr } = await runNode([program]);
    assert.strictEqual(code, 0, stderr);
    const lines = stdout.trimEnd().split('\n');
    assert.deepStrictEqual(
      lines.filter((line) => !line.endsWith(': default')),
      [],
    );
    assert.strictEqual(lines.length, 40);
  });
});
