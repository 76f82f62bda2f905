'use strict';

const assert = require('node:assert');
const path = require('node:path');

const { linesOfProcess } = require('../support/steps');

const program = path.join(__dirname, 'programs', 'uncaught.js');

describe('an error that nobody catches', () => {
  // V8 keeps the frame of a microtask that threw for the next one that has none. A function that waits since before the first entry has
  // none with AsyncLocalStorage, which shows its store there.
  it('leaves its context: those that wait in none go on in none', async () => {
    const lines = await linesOfProcess([program]);
    const others = lines.filter((line) => !line.endsWith(': default'));
    assert.deepStrictEqual([lines.length, others], [40, []]);
  });
});
