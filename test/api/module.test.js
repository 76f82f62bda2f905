'use strict';

const assert = require('node:assert');
const { once } = require('node:events');

const context = require('context');

const { linesOf, runNode } = require('../support/child');
const { assertSame } = require('../support/contexts');

describe('createNamespace', () => {
  it('returns a new namespace and registers it under its name, any string', () => {
    for (const name of ['new', '__proto__', 'toString', 'length', '0', '4294967295', 'map', ' ', '\0', '\ud800', '😀']) {
      const namespace = context.createNamespace(name);
      assert.strictEqual(namespace.name, name);
      assert.strictEqual(context.getNamespace(name), namespace);
      assert.ok(process.namespaces.includes(namespace));
      assert.deepStrictEqual(context.stats().namespaces[name], { created: 0, entered: 0, ended: 0, deepest: 0 });
      assert.ok(Array.isArray(process.namespaces.map((one) => one.name)));
      assert.strictEqual(process.namespaces.length, Object.keys(process.namespaces).length);
      assert.strictEqual(context.destroyNamespace(name), true);
      assert.strictEqual(context.getNamespace(name), undefined);
    }
  });

  it('replaces a namespace of the same name, with a warning, and leaves the old one working', async () => {
    const old = context.createNamespace('module.twice');
    const replacement = context.createNamespace('module.twice');
    for (let isWarned = false; !isWarned;) {
      const [{ code, message }] = await once(process, 'warning');
      isWarned = code === 'CONTEXT_NAMESPACE_REPLACED' && message.includes("'module.twice'");
    }
    assert.notStrictEqual(replacement, old);
    assert.strictEqual(context.getNamespace('module.twice'), replacement);
    assert.ok(!process.namespaces.includes(old));
    old.createContext({ key: 'old' }).run(() => {
      assert.deepStrictEqual([old.get('key'), replacement.get('key')], ['old', undefined]);
      assert.strictEqual(replacement.isActive(), false);
    });
  });

  it('warns once for each name, and not if the old one was destroyed before', async () => {
    const { stderr } = await runNode(`
      const { createNamespace, destroyNamespace } = require('context');
      for (let i = 0; i < 5; i++) {
        for (const name of ['one', 'two', 'destroyed']) createNamespace(name);
        destroyNamespace('destroyed');
      }
    `);
    assert.deepStrictEqual(stderr.match(/NAMESPACE_REPLACED.*'(one|two)'/g).length, 2);
    assert.strictEqual(stderr.match(/CONTEXT_NAMESPACE_REPLACED/g).length, 2);
  });
});

describe('getNamespace and destroyNamespace', () => {
  it('know no names that were never created', () => {
    for (const name of ['module.never', 'hasOwnProperty', '', undefined, null, 7, {}]) {
      assert.strictEqual(context.getNamespace(name), undefined);
      assert.strictEqual(context.destroyNamespace(name), false);
    }
  });

  it('leave a namespace working that is registered no longer', () => {
    const namespace = context.createNamespace('module.destroyed');
    assert.strictEqual(context.destroyNamespace('module.destroyed'), true);
    assert.strictEqual(context.destroyNamespace('module.destroyed'), false);
    assert.strictEqual(context.getNamespace('module.destroyed'), undefined);
    assert.strictEqual(context.stats().namespaces['module.destroyed'], undefined);
    assert.ok(!process.namespaces.includes(namespace));
    assert.strictEqual(process.namespaces['module.destroyed'], undefined);
    namespace.createContext({ key: 1 }).run(() => assert.strictEqual(namespace.get('key'), 1));
  });
});

/** Each of these runs in a process in which no namespace is registered when it begins; it has the variables of this file. */
const programs = {
  'is an array in the order of creation, which also answers by name'() {
    const [b, a] = [context.createNamespace('b'), context.createNamespace('a')];
    const list = process.namespaces;
    assert.ok(Array.isArray(list));
    assertSame([...list, list.a, list.b], [b, a, a, b]);
    assert.deepStrictEqual(Object.keys(list), ['0', '1']);
    const c = context.createNamespace('c');
    assertSame([...list], [b, a, c]);
    context.destroyNamespace('b');
    assertSame([...list], [a, c]);
    assert.strictEqual('b' in list, false);
  },

  'puts a namespace that replaces another at the end'() {
    const [, b, a] = ['a', 'b', 'a'].map((name) => context.createNamespace(name));
    assertSame([...process.namespaces], [b, a]);
  },

  'leaves what an array has by itself alone'() {
    const names = ['length', 'map', '0', '1', '9', 'constructor', '__proto__', 'push'];
    const all = names.map((name) => context.createNamespace(name));
    const list = process.namespaces;
    assert.strictEqual(list.length, names.length);
    assertSame([...list], all);
    assertSame([list.map, list.push, Object.getPrototypeOf(list)], [[].map, [].push, Array.prototype]);
    assert.strictEqual(list[9], undefined);
    names.forEach((name, i) => assert.strictEqual(context.getNamespace(name), all[i]));
  },

  'is put right when a namespace is destroyed, whatever was written to it'() {
    const writes = [
      (list) => Object.assign(list, { 1: 'mine', 2: 'mine' }),
      (list) => list.reverse(),
      (list) => (list.length = 1),
      (list) => delete list[1],
      (list) => (list.b = 'mine'),
      (list) => Object.assign(list, { b: 'mine' }).push(1),
      (list) => Object.freeze(list),
      (list) => Object.seal(list),
      (list) => Object.defineProperty(list, 2, { value: 'mine', writable: false, configurable: false }),
      (list) => Object.defineProperty(list, 'c', { value: 'mine', configurable: false }),
      (list) => Object.defineProperty(list, 'length', { writable: false }),
      (list) => Object.defineProperty(list, 2, { get: () => assert.fail('read'), configurable: true }),
    ];
    for (const write of writes) {
      const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => context.createNamespace(name));
      write(process.namespaces);
      assert.strictEqual(context.destroyNamespace('b'), true, String(write));
      assert.ok(!process.namespaces.includes(b) && process.namespaces.b === undefined, String(write));
      assert.strictEqual(context.destroyNamespace('c'), true);
      assertSame([...process.namespaces, process.namespaces.c, process.namespaces.d], [a, d, undefined, d]);
      assert.notStrictEqual(c, d);
      for (const name of ['a', 'd']) context.destroyNamespace(name);
      assert.deepStrictEqual([...process.namespaces], [], String(write));
    }
  },

  'cannot break the registry by being written to'() {
    const all = [];
    const writes = [
      () => Object.assign(process.namespaces, { a: 'mine', length: 0 }).push(1, 2, 3),
      () => Object.freeze(process.namespaces),
      () => Object.defineProperty(process.namespaces, 'length', { writable: false }),
    ];
    for (const [index, name] of ['a', 'b', 'c', 'd'].entries()) {
      all.push(context.createNamespace(name));
      // A list whose length cannot change any more stays as it is.
      if (name !== 'd') assertSame([...process.namespaces, process.namespaces.a], [...all, all[0]]);
      writes[index]?.();
      assert.strictEqual(context.getNamespace(name), all[index]);
    }
    delete process.namespaces;
    process.namespaces = 'gone';
    const e = context.createNamespace('e');
    assert.strictEqual(context.getNamespace('e'), e);
    assert.strictEqual(process.namespaces, 'gone');
  },
};

describe('process.namespaces', () => {
  let results;
  before(async () => {
    const [line] = await linesOf(`
      const assert = require('assert');
      const context = require('context');
      const { assertSame } = require('./test/support/contexts');
      const results = {};
      for (const [name, program] of Object.entries({ ${Object.values(programs).join(',')} })) {
        try { program(); } catch (error) { results[name] = error.stack; }
        for (const { name } of [...process.namespaces]) context.destroyNamespace(name);
      }
      console.log(JSON.stringify(results));
    `);
    results = JSON.parse(line);
  });

  for (const name of Object.keys(programs)) {
    it(name, () => assert.strictEqual(results[name], undefined));
  }

  it('leaves those of cls-hooked to it, whichever was loaded first', async () => {
    for (const [first, second] of [
      ['context', 'cls-hooked'],
      ['cls-hooked', 'context'],
    ]) {
      const lines = await linesOf(`
        require('${first}');
        require('${second}');
        const [context, cls] = [require('context'), require('cls-hooked')];
        const [ours, theirs] = [context.createNamespace('same'), cls.createNamespace('same')];
        console.log(cls.getNamespace('same') === theirs, process.namespaces.same === theirs);
        theirs.run(() => ours.run(() => {
          theirs.set('key', 'theirs');
          ours.set('key', 'ours');
          setTimeout(() => {
            console.log(theirs.get('key'), ours.get('key'));
            cls.reset();
            console.log(context.getNamespace('same') === ours);
          }, 1);
        }));
      `);
      assert.deepStrictEqual(lines, ['true true', 'theirs ours', 'true']);
    }
  });
});

describe('stats', () => {
  it('counts contexts created, entered and ended and the deepest nesting, for each namespace', async () => {
    const [a, b] = [context.createNamespace('stats.a'), context.createNamespace('stats.b')];
    const unused = a.createContext();
    a.run(() => a.run(() => a.run(() => b.run(() => {}))));
    unused.bind(() => {})();
    await a.run(async () => {});
    const { namespaces } = context.stats();
    assert.deepStrictEqual(namespaces['stats.a'], { created: 5, entered: 5, ended: 5, deepest: 3 });
    assert.deepStrictEqual(namespaces['stats.b'], { created: 1, entered: 1, ended: 1, deepest: 1 });
  });

  it('counts the pages of frames in use, and the bytes that are held for them', () => {
    const namespace = context.createNamespace('stats.pages');
    global.gc();
    const before = context.stats();
    const bound = Array.from({ length: 1000 }, () => namespace.run(() => namespace.bind(() => {})));
    const during = context.stats();
    assert.ok(during.pages >= before.pages + bound.length / 64 - 1, `${during.pages} pages, ${before.pages} before`);
    // Chunks of 32 pages, and a reserve of half as many pages as are in use. Labels of other tests are in the bytes, too.
    const page = 64 * 28;
    const added = during.bytes - before.bytes;
    assert.ok(added % (32 * page) === 0 && during.bytes >= during.pages * page, `${during.bytes} bytes, ${added} more`);
    const pages = during.pages - before.pages;
    assert.ok(added <= pages * 1.5 * page + 2 * 32 * page, `${added} bytes and ${pages} pages more`);
  });
});
