'use strict';

const assert = require('node:assert');
const { once } = require('node:events');

const context = require('context');

const { runNode } = require('../support/child');

/** The next warning of the process with a code. */
async function nextWarning(code) {
  for (;;) {
    const [warning] = await once(process, 'warning');
    if (warning.code === code) return warning;
  }
}

describe('createNamespace', () => {
  it('returns a new namespace and registers it under its name', () => {
    const namespace = context.createNamespace('module.new');
    assert.strictEqual(namespace.name, 'module.new');
    assert.strictEqual(context.getNamespace('module.new'), namespace);
  });

  for (const name of ['__proto__', 'constructor', 'toString', 'length', '0', '4294967295', 'map', ' ', '\0', '\ud800', '😀']) {
    it(`takes ${JSON.stringify(name)} as a name like any other`, () => {
      const namespace = context.createNamespace(name);
      assert.strictEqual(namespace.name, name);
      assert.strictEqual(context.getNamespace(name), namespace);
      assert.ok(process.namespaces.includes(namespace));
      assert.deepStrictEqual(context.stats().namespaces[name], { created: 0, entered: 0, ended: 0, deepest: 0 });
      assert.ok(Array.isArray(process.namespaces.map((one) => one.name)));
      assert.strictEqual(process.namespaces.length, Object.keys(process.namespaces).length);
      assert.strictEqual(context.destroyNamespace(name), true);
      assert.strictEqual(context.getNamespace(name), undefined);
    });
  }

  for (const name of [undefined, null, 1, {}, [], Symbol('name'), () => {}, new String('name')]) {
    it(`refuses a name of the type of ${String(typeof name)} ${String(name)}`, () => {
      const before = [...process.namespaces];
      assert.throws(() => context.createNamespace(name), {
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_TYPE',
        message: /^name must be a string, but it is /,
      });
      assert.deepStrictEqual([...process.namespaces], before);
    });
  }

  it('refuses the empty name', () => {
    assert.throws(() => context.createNamespace(''), { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' });
  });

  it('replaces a namespace of the same name, with one warning, and leaves the old one working', async () => {
    const old = context.createNamespace('module.twice');
    const warned = nextWarning('CONTEXT_NAMESPACE_REPLACED');
    const replacement = context.createNamespace('module.twice');
    assert.match((await warned).message, /'module\.twice'/);

    assert.notStrictEqual(replacement, old);
    assert.strictEqual(context.getNamespace('module.twice'), replacement);
    assert.ok(!process.namespaces.includes(old));
    old.run(() => {
      old.set('key', 'old');
      assert.strictEqual(old.get('key'), 'old');
      assert.strictEqual(replacement.get('key'), undefined);
      assert.strictEqual(replacement.active, replacement.active);
    });
  });

  it('warns once for each name', async () => {
    const { stderr } = await runNode(`
      const { createNamespace } = require('context');
      for (let i = 0; i < 5; i++) { createNamespace('one'); createNamespace('two'); }
    `);
    assert.strictEqual(stderr.match(/CONTEXT_NAMESPACE_REPLACED/g).length, 2);
  });

  it('does not warn if the old one was destroyed before', async () => {
    const { stderr } = await runNode(`
      const { createNamespace, destroyNamespace } = require('context');
      for (let i = 0; i < 5; i++) { createNamespace('one'); destroyNamespace('one'); }
    `);
    assert.strictEqual(stderr, '');
  });
});

describe('getNamespace', () => {
  it('knows nothing of names that were never created', () => {
    for (const name of ['module.never', 'hasOwnProperty', '', undefined, null, 7]) {
      assert.strictEqual(context.getNamespace(name), undefined);
    }
  });
});

describe('destroyNamespace', () => {
  it('takes a namespace out of the registry and leaves it working', () => {
    const namespace = context.createNamespace('module.destroyed');
    assert.strictEqual(context.destroyNamespace('module.destroyed'), true);
    assert.strictEqual(context.destroyNamespace('module.destroyed'), false);
    assert.strictEqual(context.getNamespace('module.destroyed'), undefined);
    assert.strictEqual(context.stats().namespaces['module.destroyed'], undefined);
    assert.ok(!process.namespaces.includes(namespace));
    assert.strictEqual(process.namespaces['module.destroyed'], undefined);
    assert.strictEqual(
      namespace.run(() => namespace.set('key', 1) && namespace.get('key')),
      1,
    );
  });

  it('says false to what is no name', () => {
    for (const name of [undefined, null, 1, {}]) assert.strictEqual(context.destroyNamespace(name), false);
  });
});

describe('process.namespaces', () => {
  const fresh = (program) => runNode(`const context = require('context'); const assert = require('assert'); ${program}`);

  it('is an array in the order of creation, which also answers by name', async () => {
    const { code, stderr } = await fresh(`
      const [b, a] = [context.createNamespace('b'), context.createNamespace('a')];
      const list = process.namespaces;
      assert.ok(Array.isArray(list));
      assert.deepStrictEqual([...list], [b, a]);
      assert.strictEqual(list.a, a);
      assert.strictEqual(list.b, b);
      assert.deepStrictEqual(Object.keys(list), ['0', '1']);
      const c = context.createNamespace('c');
      assert.deepStrictEqual([...list], [b, a, c], 'it is live');
      context.destroyNamespace('b');
      assert.deepStrictEqual([...list], [a, c]);
      assert.strictEqual(list.b, undefined);
      assert.strictEqual('b' in list, false);
    `);
    assert.strictEqual(code, 0, stderr);
  });

  it('puts a namespace that replaces another at the end', async () => {
    const { code, stderr } = await fresh(`
      context.createNamespace('a');
      const b = context.createNamespace('b');
      const a = context.createNamespace('a');
      assert.deepStrictEqual([...process.namespaces], [b, a]);
    `);
    assert.strictEqual(code, 0, stderr);
  });

  it('leaves what an array has by itself alone', async () => {
    const { code, stderr } = await fresh(`
      const names = ['length', 'map', '0', '1', '9', 'constructor', '__proto__', 'push'];
      const all = names.map((name) => context.createNamespace(name));
      const list = process.namespaces;
      assert.strictEqual(list.length, names.length);
      assert.deepStrictEqual([...list], all);
      assert.strictEqual(list.map, Array.prototype.map);
      assert.strictEqual(list.push, Array.prototype.push);
      assert.strictEqual(Object.getPrototypeOf(list), Array.prototype);
      assert.strictEqual(list[9], undefined);
      names.forEach((name, i) => assert.strictEqual(context.getNamespace(name), all[i]));
    `);
    assert.strictEqual(code, 0, stderr);
  });

  it('cannot break the registry by being written to', async () => {
    const { code, stderr } = await fresh(`
      const a = context.createNamespace('a');
      process.namespaces.a = 'mine';
      process.namespaces.length = 0;
      process.namespaces.push(1, 2, 3);
      assert.strictEqual(context.getNamespace('a'), a);
      const b = context.createNamespace('b');
      assert.deepStrictEqual([...process.namespaces], [a, b]);
      assert.strictEqual(process.namespaces.a, a);
      Object.freeze(process.namespaces);
      const c = context.createNamespace('c');
      assert.deepStrictEqual([...process.namespaces], [a, b, c]);
      Object.defineProperty(process.namespaces, 'length', { writable: false });
      const d = context.createNamespace('d');
      assert.strictEqual(context.getNamespace('d'), d);
      delete process.namespaces;
      process.namespaces = 'gone';
      const e = context.createNamespace('e');
      assert.strictEqual(context.getNamespace('e'), e);
      assert.strictEqual(process.namespaces, 'gone');
    `);
    assert.strictEqual(code, 0, stderr);
  });

  for (const order of ['in the order of creation', 'in reverse', 'in any order', 'by being replaced']) {
    it(`takes 8,000 namespaces that are destroyed ${order}`, async () => {
      const { code, stdout, stderr } = await fresh(`
        process.emitWarning = () => {};
        const names = Array.from({ length: 8000 }, (_, index) => 'name ' + index);
        const list = process.namespaces;
        let expected = names.map((name) => context.createNamespace(name));
        const order = names.map((name, index) => [index * 7919 % 8000, name]);
        const reordered = {
          'in the order of creation': () => names,
          'in reverse': () => names.toReversed(),
          'in any order': () => order.sort(([a], [b]) => a - b).map(([, name]) => name),
          'by being replaced': () => names,
        }['${order}']();
        const isReplaced = '${order}' === 'by being replaced';
        const begin = performance.now();
        reordered.forEach((name, index) => {
          const replacing = isReplaced ? context.createNamespace(name) : context.destroyNamespace(name) && undefined;
          if (index % 1000 !== 0) return;
          assert.ok(list === process.namespaces);
          const known = new Set(names.map((each) => context.getNamespace(each)));
          expected = expected.filter((namespace) => known.has(namespace));
          assert.ok(list.length === isReplaced ? 8000 : 7999 - index);
          assert.ok(expected.every((namespace, at) => list[at] === namespace && list[namespace.name] === namespace));
          assert.ok(list[name] === replacing && Object.hasOwn(list, name) === isReplaced);
          if (isReplaced) assert.ok(list[7999] === replacing);
        });
        assert.deepStrictEqual(list.length, isReplaced ? 8000 : 0);
        assert.deepStrictEqual(Object.getOwnPropertyNames(list).length, isReplaced ? 16001 : 1);
        console.log(performance.now() - begin);
      `);
      assert.strictEqual(code, 0, stderr);
      assert.match(stdout, /^\d/);
      // A tenth of a second. Anew with each, as once, is a minute.
      assert.ok(Number(stdout) < 20000, `it took ${stdout} ms`);
    });
  }

  it('is put right when a namespace is destroyed, whatever was written to it', async () => {
    const { code, stderr } = await fresh(`
      const writes = [
        (list) => { list[1] = 'mine'; list[2] = 'mine'; },
        (list) => { list.reverse(); },
        (list) => { list.length = 1; },
        (list) => { delete list[1]; },
        (list) => { list.b = 'mine'; },
        (list) => { list.b = 'mine'; list.push(1); },
        (list) => { Object.freeze(list); },
        (list) => { Object.seal(list); },
        (list) => { Object.defineProperty(list, 2, { value: 'mine', writable: false, configurable: false }); },
        (list) => { Object.defineProperty(list, 'c', { value: 'mine', configurable: false }); },
        (list) => { Object.defineProperty(list, 'length', { writable: false }); },
        (list) => { Object.defineProperty(list, 2, { get() { throw new Error('read'); }, configurable: true }); },
      ];
      for (const write of writes) {
        const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => context.createNamespace(name));
        write(process.namespaces);
        assert.strictEqual(context.destroyNamespace('b'), true, String(write));
        assert.ok(!process.namespaces.includes(b) && process.namespaces.b === undefined, String(write));
        assert.strictEqual(context.destroyNamespace('c'), true);
        assert.deepStrictEqual([...process.namespaces], [a, d], String(write));
        assert.strictEqual(process.namespaces.c, undefined);
        assert.strictEqual(process.namespaces.d, d);
        for (const name of ['a', 'd']) context.destroyNamespace(name);
        assert.deepStrictEqual([...process.namespaces], [], String(write));
      }
    `);
    assert.strictEqual(code, 0, stderr);
  });

  for (const order of [
    ['context', 'cls-hooked'],
    ['cls-hooked', 'context'],
  ]) {
    it(`lets cls-hooked go on if ${order[0]} was loaded first`, async () => {
      const { code, stderr } = await runNode(`
        const assert = require('assert');
        require('${order[0]}');
        require('${order[1]}');
        const [context, cls] = [require('context'), require('cls-hooked')];
        const [ours, theirs] = [context.createNamespace('same'), cls.createNamespace('same')];
        assert.strictEqual(cls.getNamespace('same'), theirs);
        assert.strictEqual(process.namespaces.same, theirs);
        assert.strictEqual(context.getNamespace('same'), ours);
        theirs.run(() => ours.run(() => {
          theirs.set('key', 'theirs');
          ours.set('key', 'ours');
          setTimeout(() => {
            assert.strictEqual(theirs.get('key'), 'theirs');
            assert.strictEqual(ours.get('key'), 'ours');
            cls.reset();
            assert.strictEqual(context.getNamespace('same'), ours);
          }, 1);
        }));
      `);
      assert.strictEqual(code, 0, stderr);
    });
  }
});

describe('stats', () => {
  it('counts contexts created, entered and ended and the deepest nesting, for each namespace', async () => {
    const a = context.createNamespace('stats.a');
    const b = context.createNamespace('stats.b');
    const unused = a.createContext();
    a.run(() => a.run(() => a.run(() => b.run(() => {}))));
    unused.bind(() => {})();
    await a.run(async () => {});
    const { namespaces } = context.stats();
    assert.deepStrictEqual(namespaces['stats.a'], { created: 5, entered: 5, ended: 5, deepest: 3 });
    assert.deepStrictEqual(namespaces['stats.b'], { created: 1, entered: 1, ended: 1, deepest: 1 });
  });

  it('tells the pages of frames in use, and the bytes that are held for them', () => {
    const namespace = context.createNamespace('stats.pages');
    global.gc();
    const before = context.stats();
    const bound = Array.from({ length: 1000 }, () => namespace.run(() => namespace.bind(() => {})));
    const during = context.stats();
    assert.ok(during.pages >= before.pages + 1000 / 64 - 1, `${during.pages} pages, ${before.pages} before`);
    // Chunks of 32 pages, and a reserve of half as many pages as are in use.
    const record = 28;
    const chunk = 32 * 64 * record;
    // Other tests may have labels, which are in the bytes too.
    const added = during.bytes - before.bytes;
    assert.ok(added % chunk === 0 && during.bytes >= during.pages * 64 * record, `${during.bytes} bytes, ${added} more`);
    const most = (during.pages - before.pages) * 1.5 * 64 * record + 2 * chunk;
    assert.ok(added <= most, `${added} bytes more, ${during.pages - before.pages} pages more`);
    assert.strictEqual(bound.length, 1000);
  });
});
