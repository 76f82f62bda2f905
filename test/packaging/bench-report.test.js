'use strict';

const assert = require('node:assert');
const { readFileSync } = require('node:fs');
const path = require('node:path');

const { documents } = require('../../bench/report');
const { root } = require('../support/child');

const result = JSON.parse(readFileSync(path.join(root, 'docs', 'benchmarks.json'), 'utf8'));

describe('the figures in the documentation', () => {
  for (const file of ['README.md', 'docs/benchmarks.md', 'docs/benchmarks.svg']) {
    it(`are those of docs/benchmarks.json: ${file}`, () => {
      const written = readFileSync(path.join(root, file), 'utf8');
      assert.strictEqual(written, documents(result)[file], 'node bench/report.js was not run after the last change');
    });
  }

  it('change with those of the file', () => {
    const other = structuredClone(result);
    for (const run of other.runs) {
      for (const entry of run.figures) {
        if (entry.subject !== 'AsyncLocalStorage') entry.values = entry.values.map((value) => value * 2);
      }
    }
    const before = documents({ ...result, quick: false });
    for (const [file, text] of Object.entries(documents({ ...other, quick: false }))) {
      assert.notStrictEqual(text, before[file], file);
    }
  });

  it('are none in README.md after a quick run', () => {
    const quick = documents({ ...result, quick: true })['README.md'];
    assert.match(quick, /<!-- bench:start -->\n<!-- bench:end -->/);
  });
});
