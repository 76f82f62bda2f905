'use strict';

const assert = require('node:assert');

const { exports: entryPoints } = require('../../package.json');

describe('an entry point', () => {
  for (const name of Object.keys(entryPoints).filter((each) => !/json$|register$/.test(each))) {
    const entryPoint = `context${name.slice(1)}`;
    it(`is the same to require and to import, by its names and as a whole: ${entryPoint}`, async () => {
      const [required, imported] = [require(entryPoint), await import(entryPoint)];
      assert.strictEqual(imported.default, required);
      const names = Object.getOwnPropertyNames(required).filter((each) => each !== '__esModule' && each !== 'default');
      assert.ok(names.length > 0);
      for (const key of names) assert.strictEqual(imported[key], required[key], key);
    });
  }
});
