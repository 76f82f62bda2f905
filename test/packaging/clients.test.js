'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { getNamespace } = require('../..');
const { repairsOf, telemetryOf } = require('../../tools/clients/document');
const { faultOf, measure } = require('../../tools/clients/requests');
const { replacePart } = require('../../tools/support/table');
const { root } = require('../support/child');

describe('docs/clients.md', () => {
  it('shows the repairs that tools/test-clients.js measures', () => {
    const text = fs.readFileSync(path.join(root, 'docs', 'clients.md'), 'utf8');
    const made = { repairs: repairsOf(), telemetry: telemetryOf() };
    for (const [part, code] of Object.entries(made)) {
      assert.ok(text.includes(`<!-- ${part}:start -->`));
      assert.strictEqual(replacePart(text, part, code), text);
    }
  });
});

describe('tools/test-clients.js', () => {
  /** A client that calls the callbacks of all requests in the context of the first one, and one that does so rightly. */
  const waiting = [];
  function queue(callback) {
    if (waiting.push(callback) === 1) setImmediate(() => waiting.splice(0).forEach((each) => each()));
  }
  const all = { right: 100, lost: 0, wrong: 0 };
  const none = { right: 1, lost: 0, wrong: 99 };
  const like = { behind: 0, unlike: 0 };

  const ask = ({ bind }, { finish }) => queue(bind(() => finish()));

  it('counts the requests that see their own id, before and after a repair', async () => {
    const plain = await measure(ask, {});
    const repaired = await measure(ask, { isRepaired: true });
    assert.deepStrictEqual(plain, { ours: none, theirs: none, ...like });
    assert.deepStrictEqual(repaired.ours, all);
    assert.strictEqual(faultOf({ by: 'bind', plain, repaired }), undefined);
  });

  it('fails if a repair does not repair, or there is none', async () => {
    const plain = await measure(ask, {});
    assert.match(faultOf({ by: 'nothing', plain, repaired: plain }), /^1 of 100 right after the repair by nothing/);
    assert.match(faultOf({ plain }), /^1 of 100 right, and there is no repair/);
  });

  it('fails if AsyncLocalStorage is right and a context is lost', async () => {
    const nobody = getNamespace('clients.one').active;
    const plain = await measure(({ look }) => nobody.run(look), {});
    assert.deepStrictEqual([plain.ours, plain.theirs], [{ right: 0, lost: 100, wrong: 0 }, all]);
    assert.match(faultOf({ plain }), /^AsyncLocalStorage was right and this package was not, 100 times/);
  });
});
