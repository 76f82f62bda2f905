'use strict';

const assert = require('node:assert');

const { runNode } = require('../support/child');
const attacks = require('./attacks');

/** Runs an attack in a process with contexts, which go on to work for JavaScript. */
function programOf(attack) {
  return `
    const assert = require('assert');
    const namespace = require('context').createNamespace('hostile');
    const held = [];
    const use = () => {
      for (let i = 0; i < 5000; i++) namespace.run(() => namespace.run(() => held.push(namespace.bind(() => namespace.active.get('id')))));
    };
    use();
    namespace.run(async () => {
      namespace.set('id', 1);
      require('./test/native/attacks')${attack};
      use();
      assert.strictEqual(namespace.get('id'), 1);
      await new Promise(setImmediate);
      assert.strictEqual(namespace.get('id'), 1);
      held.length = 0;
      for (let i = 0; i < 3; i++) { await new Promise(setImmediate); gc(); }
      use();
      assert.ok(require('context').stats().bytes > 0);
      console.log('alive');
    });
  `;
}

describe('the private binding, in hostile hands', () => {
  for (const name of Object.keys(attacks)) {
    it(`refuses or answers, and the process lives on: ${name}`, async () => {
      const { code, stdout, stderr } = await runNode(programOf(`[${JSON.stringify(name)}]()`));
      assert.deepStrictEqual([code, stdout], [0, 'alive\n'], stderr);
    });
  }

  it('knows of no active record once the word for it is detached', async () => {
    const { code, stdout, stderr } = await runNode(programOf('.detachActiveWord()'));
    assert.deepStrictEqual([code, stdout], [0, 'alive\n'], stderr);
  });

  it('is refused by lib/ if it belongs to another version', async () => {
    for (const layout of ['undefined', '{ ...core.layout, next: 4 }', '{ ...core.layout, recordsPerPage: 128 }']) {
      const { code, stderr } = await runNode(`
        const core = require('./lib/frames/binding');
        require.cache[require.resolve('./lib/frames/binding')].exports = { ...core, layout: ${layout} };
        require('context');
      `);
      assert.strictEqual(code, 1);
      for (const part of ['belongs to another version', 'tools/build-prebuilt.js', "code: 'ERR_CONTEXT_BINDING'"]) {
        assert.ok(stderr.includes(part), `${part} is not in ${stderr}`);
      }
    }
  });
});
