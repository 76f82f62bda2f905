'use strict';

const assert = require('node:assert');

const { runNode } = require('../support/child');

const meters = ['heap', 'external', 'native pages', 'resident'];

const load = (...before) => runNode([...before, 'tools/soak.js', '--minutes', '0.06', '--checks', '0']);

describe('a server under load', function () {
  this.timeout(600_000);

  it('stays flat, with requests that fail and are aborted, workers that are terminated, namespaces that go', async () => {
    const { code, stdout, stderr } = await load();
    assert.strictEqual(code, 0, stdout + stderr);
    for (const meter of meters) assert.match(stdout, new RegExp(`^\\| ${meter} .* flat \\|$`, 'm'));
    assert.match(stdout, /^\d+ requests, 0 wrong answers/m);
  });

  it('is found to grow if contexts are kept', async () => {
    const { code, stdout, stderr } = await load('-r', './test/memory/programs/leak.js');
    assert.strictEqual(code, 1, stdout + stderr);
    for (const meter of ['heap', 'native pages']) assert.match(stdout, new RegExp(`^\\| ${meter} .* grows \\|$`, 'm'));
  });
});
