'use strict';

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const path = require('node:path');

const { root } = require('../../support/child');

/** Runs a tool of the development dependencies, and asserts that it has nothing to say against the package. */
function assertClean(tool, args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(root, 'node_modules', tool), ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  assert.strictEqual(status, 0, stdout + stderr);
}

describe('the types', function () {
  this.timeout(120_000);

  it('agree with the API', () => {
    assertClean('typescript/bin/tsc', ['-p', 'test/packaging/types']);
  });

  it('are found by all ways of resolving them, for each entry point', () => {
    assertClean('@arethetypeswrong/cli/dist/index.js', ['--pack', '.', '--no-emoji']);
  });

  it('and the entry points are what package.json says', () => {
    assertClean('publint/src/cli.js', ['run', '--strict', '.']);
  });
});
