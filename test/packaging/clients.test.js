'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { repairsOf, telemetryOf } = require('../../scripts/clients/document');
const { replacePart } = require('../../scripts/support/document');
const { root } = require('../support/child');

describe('docs/clients.md', () => {
  it('shows the repairs that npm run test:clients measures', () => {
    const text = fs.readFileSync(path.join(root, 'docs', 'clients.md'), 'utf8');
    const made = { repairs: repairsOf(), telemetry: telemetryOf() };
    for (const [part, code] of Object.entries(made)) {
      assert.ok(text.includes(`<!-- ${part}:start -->`));
      assert.strictEqual(replacePart(text, part, code), text);
    }
  });
});
