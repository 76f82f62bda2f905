'use strict';

const assert = require('node:assert');

const { linesOf } = require('../../support/child');

/** What a program prints as JSON. */
const outputOf = async (program) => JSON.parse((await linesOf(`const cls = require('context/cls'); ${program}`))[0]);

describe('cls: the registry of a process', () => {
  it('is at process.namespaces if nothing else is, for all copies of the package and for import, until a reset', async () => {
    const seen = await outputOf(`
      const one = cls.createNamespace('one');
      const isThere = process.namespaces.one === one;
      for (const path of Object.keys(require.cache)) delete require.cache[path];
      const copy = require('context/cls');
      import('context/cls').then((module) => {
        const found = [copy, module, module.default].map((each) => each.getNamespace('one') === one);
        for (const name of ['two', 'three']) cls.createNamespace(name);
        cls.destroyNamespace('two');
        cls.reset();
        const after = [Object.keys(process.namespaces), cls.getNamespace('one'), cls.getNamespace('three')];
        process.namespaces.fake = {};
        let code;
        try { cls.destroyNamespace('fake'); } catch (error) { ({ code } = error); }
        console.log(JSON.stringify([isThere, found, after, code]));
      });
    `);
    assert.deepStrictEqual(seen, [true, [true, true, true], [[], null, null], 'ERR_ASSERTION']);
  });

  for (const domain of ['node:domain', 'context/domain']) {
    it(`leaves errors of emitters that are bound to a domain of ${domain} that is made later`, async () => {
      const seen = await outputOf(`
        const { EventEmitter } = require('events');
        const emitters = [new EventEmitter(), new (class extends EventEmitter {})()];
        cls.createNamespace('session').bindEmitter(emitters[0]);
        cls.createNamespace('other').bindEmitter(Object.getPrototypeOf(emitters[1]));
        const seen = [];
        const own = require('${domain}').create().on('error', (error) => seen.push(error.message));
        for (const emitter of emitters) own.add(emitter);
        emitters.forEach((emitter, index) => emitter.emit('error', new Error(index)));
        console.log(JSON.stringify(seen));
      `);
      assert.deepStrictEqual(seen, ['0', '1']);
    });
  }
});
