'use strict';

const assert = require('node:assert');

const { linesOf } = require('../support/child');
const attacks = require('./attacks');

describe('the private binding, in hostile hands', () => {
  const names = [...Object.keys(attacks), 'detachActiveWord'];
  let lines;
  before(async () => {
    // One process for all, with contexts in use, which must go on to work after each attack.
    lines = await linesOf(`
      const assert = require('assert');
      const { createNamespace, stats } = require('context');
      const attacks = require('./test/native/attacks');
      const namespace = createNamespace('hostile');
      const held = [];
      const use = () => {
        for (let i = 0; i < 5000; i++) namespace.run(() => namespace.run(() => held.push(namespace.bind(() => {}))));
      };
      namespace.createContext({ id: 1 }).run(async () => {
        for (const name of ${JSON.stringify(names)}) {
          use();
          attacks[name]();
          use();
          assert.strictEqual(namespace.get('id'), 1);
          await new Promise(setImmediate);
          assert.strictEqual(namespace.get('id'), 1);
          held.length = 0;
          for (let i = 0; i < 3; i++) { await new Promise(setImmediate); gc(); }
          use();
          assert.ok(stats().bytes > 0);
          console.log(name);
        }
      });
    `);
  });

  for (const [index, name] of names.entries()) {
    it(`refuses or answers, and the process lives on: ${name}`, () => assert.strictEqual(lines[index], name));
  }

  it('is refused by lib/ if it belongs to another version', async () => {
    const results = await linesOf(`
      const core = require('./lib/frames/binding');
      for (const layout of [undefined, { ...core.layout, next: 4 }, { ...core.layout, recordsPerPage: 128 }]) {
        for (const path of Object.keys(require.cache)) delete require.cache[path];
        require('./lib/frames/binding');
        require.cache[require.resolve('./lib/frames/binding')].exports = { ...core, layout };
        try { require('context'); } catch ({ code, message }) { console.log(code, message.replaceAll('\\n', ' ')); }
      }
    `);
    assert.strictEqual(results.length, 3);
    for (const message of results)
      assert.match(message, /^ERR_CONTEXT_BINDING.*belongs to another version.*build-prebuilt\.js/);
  });
});
