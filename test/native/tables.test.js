'use strict';

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { root } = require('../support/child');

const FLAGS = ['-std=c++17', '-g', '-O1', '-Wall', '-Wextra', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

describe('the plain C++ of the core', () => {
  it('passes its unit tests under AddressSanitizer and UndefinedBehaviorSanitizer', function () {
    if (process.platform === 'win32') return; // no such sanitizers
    this.timeout(120_000);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'context-tables-'));
    try {
      const program = path.join(folder, 'tables_test');
      const sources = ['namespace_table', 'frame_table', 'label_table'].map((name) => path.join(root, 'src', `${name}.cc`));
      const test = path.join(__dirname, 'tables_test.cc');
      const compiled = spawnSync(process.env.CXX || 'c++', [...FLAGS, test, ...sources, '-o', program], { encoding: 'utf8' });
      assert.strictEqual(compiled.status, 0, compiled.stderr);
      const { status, stderr } = spawnSync(program, { encoding: 'utf8' });
      assert.strictEqual(status, 0, stderr);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
