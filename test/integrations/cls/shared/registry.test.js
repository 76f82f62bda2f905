'use strict';

const assert = require('node:assert');

const { cls, newNamespace } = require('./library');

describe('cls: the registry', () => {
  it('has five exports', () => {
    const names = ['ERROR_SYMBOL', 'createNamespace', 'destroyNamespace', 'getNamespace', 'reset'];
    assert.deepStrictEqual(Object.keys(cls).sort(), names);
    assert.strictEqual(cls.ERROR_SYMBOL, 'error@context');
  });

  it('makes a namespace with its name, a number as id, and no active context', () => {
    const namespace = cls.createNamespace('registry');
    assert.strictEqual(typeof namespace, 'object');
    assert.strictEqual(namespace.name, 'registry');
    assert.strictEqual(typeof namespace.id, 'number');
    assert.strictEqual(namespace.active, null);
    assert.strictEqual(String(namespace), '[object Object]');
  });

  it('finds a namespace by its name', () => {
    const namespace = cls.createNamespace('found');
    assert.strictEqual(cls.getNamespace('found'), namespace);
    assert.strictEqual(cls.getNamespace('missing'), undefined);
  });

  it('replaces a namespace that is made again; the old one works on', () => {
    const old = cls.createNamespace('again');
    const young = cls.createNamespace('again');
    assert.notStrictEqual(young, old);
    assert.strictEqual(cls.getNamespace('again'), young);
    old.run(() => {
      old.set('key', 'old');
      young.run(() => assert.strictEqual(young.get('key'), undefined));
      assert.strictEqual(old.get('key'), 'old');
    });
  });

  it('demands a name', () => {
    for (const name of [undefined, null, '', 0]) {
      assert.throws(() => cls.createNamespace(name), { code: 'ERR_ASSERTION' });
    }
  });

  it('destroys a namespace', async () => {
    await null; // the ids of cls-hooked's namespaces are 0 before
    cls.createNamespace('destroyed');
    assert.strictEqual(cls.destroyNamespace('destroyed'), undefined);
    assert.ok(!cls.getNamespace('destroyed'));
    assert.throws(() => cls.destroyNamespace('destroyed'), { code: 'ERR_ASSERTION' });
    assert.throws(() => cls.destroyNamespace('never made'), { code: 'ERR_ASSERTION' });
  });

  it('keeps the namespaces apart', () => {
    const [one, other] = [newNamespace(), newNamespace()];
    one.run((outer) => {
      one.set('key', 1);
      assert.strictEqual(other.active, null);
      other.run(() => {
        other.set('key', 2);
        assert.strictEqual(one.active, outer);
        assert.deepStrictEqual([one.get('key'), other.get('key')], [1, 2]);
      });
      assert.strictEqual(other.active, null);
      assert.strictEqual(one.active, outer);
    });
  });
});
