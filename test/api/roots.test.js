'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace, detach, stats } = require('context');

const { watchCollection } = require('../support/collected');
const { assertSame, thrower } = require('../support/contexts');
const { assertActive } = require('../support/core-view');

const namespace = createNamespace('roots');
const create = (values) => namespace.createContext(values);
const createRoot = (values) => namespace.createContext(values, { root: true });
const outermost = namespace.active;
const leave = (scope) => scope[Symbol.dispose]();

/** What a function returns, or what it gives its callback, in each way into a context. */
const ways = {
  run: (context, look) => context.run(look),
  bind: (context, look) => context.bind(look)(),
  'bind elsewhere': (context, look) => create({ tenant: 'elsewhere' }).run(() => context.bind(look))(),
  'namespace.bind': (context, look) => context.run(() => namespace.bind(look))(),
  enter: (context, look) => {
    const scope = context.enter();
    const seen = look();
    leave(scope);
    return seen;
  },
  add: (context, look) => {
    let seen;
    const emitter = context.add(new EventEmitter());
    emitter.on('event', () => (seen = look()));
    emitter.emit('event');
    return seen;
  },
  'run twice': (context, look) => context.run(() => context.run(look)),
  'run in a context on top of it': (context, look) =>
    context.run(() => create({ tenant: 'inner' }).run(() => context.run(look))),
};

describe('a root', () => {
  for (const [by, way] of Object.entries(ways)) {
    it(`sees nothing of what is active, and what is on top of it sees no further: ${by}`, async () => {
      const root = createRoot({ id: 1 });
      outermost.set('shared', true);
      const look = () => {
        assertActive(root);
        const inner = create({ inner: true }).run(() => ({ ...namespace.toObject() }));
        return [{ ...namespace.toObject() }, inner, namespace.get('tenant')];
      };
      const own = { shared: true, id: 1 };
      const outer = create({ tenant: 'a' });
      await outer.run(async () => {
        for (let times = 0; times < 2; times++) {
          assert.deepStrictEqual(way(root, look), [own, { ...own, inner: true }, undefined]);
          assertActive(outer);
          await nextTurn();
          assertActive(outer);
          assert.throws(() => way(root, thrower()), /thrown/);
          // Only a scope leaves what was entered when somebody throws.
          if (by === 'enter') root.exit();
          if (by === 'enter') outer.enter();
        }
      });
      assertActive(outermost);
      outermost.delete('shared');
    });
  }

  it('that is exited leaves nothing active, also below what was entered on it; its scope restores what it hid', () => {
    const [outer, root, inner] = [create(), createRoot(), create({ of: 'inner' })];
    outer.run(() => {
      root.enter();
      root.exit();
      assertActive(outermost);
      outer.enter();
      root.enter();
      inner.enter();
      root.exit();
      assertActive(inner);
      inner.exit();
      assertActive(outermost);
    });
    outer.run(() => {
      const scope = root.enter();
      inner.enter();
      leave(scope);
      assertActive(inner);
      inner.exit();
      assertActive(outer);
    });
    assert.throws(() => root.exit(), { code: 'ERR_CONTEXT_NOT_ENTERED' });
  });

  it('has scopes that can be left in any order', () => {
    const made = { a: create(), r: createRoot(), b: create(), s: createRoot(), outer: create() };
    for (const order of ['arbs', 'sbra', 'rsab', 'brsa', 'abrs', 'srab', 'rasb']) {
      made.outer.run(() => {
        const scopes = {};
        for (const name of 'arbs') scopes[name] = made[name].enter();
        const left = new Set();
        for (const name of order) {
          leave(scopes[name]);
          left.add(name);
          const top = [...'arbs'].findLast((each) => !left.has(each)) ?? 'outer';
          assertActive(made[top], order);
        }
      });
    }
  });

  it('hides entries that are left in another branch only there', () => {
    const [outer, below, root] = [create(), create(), createRoot()];
    outer.run(() => {
      const scopes = [below.enter(), root.enter()];
      detach(() => leave(scopes[0]));
      leave(scopes[1]);
      assertActive(below);
    });
  });

  const never = new Promise(() => {});
  const starts = {
    run: (root, work) => root.run(work),
    bind: (root, work) => root.bind(work),
    enter: (root, work) => [root.enter() && work()],
    add: (root) => root.add(new EventEmitter()).on('event', () => {}),
    endWith: (root) => {
      const emitter = new EventEmitter();
      root.endWith(emitter);
      return emitter;
    },
    'endWith a promise': (root) => root.endWith(never),
    'a context on top': (root, work) => root.run(() => create().run(work)),
    'a timer': (root) => root.run(() => setTimeout(() => {}, 1e9).unref()),
  };
  for (const [by, start] of Object.entries(starts)) {
    it(`keeps nothing alive that was active, for as long as its work goes on: ${by}`, async () => {
      const { watch, collected } = watchCollection();
      const going = [];
      const work = () => new Promise((resolve) => going.push(resolve));
      const begin = () => {
        const unit = create();
        watch(unit);
        unit.run(() => void going.push(start(createRoot(), work)));
      };
      for (let times = 0; times < 10; times++) begin();
      await collected(9);
      assert.ok(going.length >= 10);
    });
  }

  it('is the caller again after each call, whatever is entered in it', async () => {
    const [outer, root] = [create(), createRoot()];
    await outer.run(async () => {
      root.run(() => create().enter());
      assertActive(outer);
      await root.run(async () => {
        createRoot().enter();
        await null;
      });
      assertActive(outer);
      assert.throws(() => root.run(() => createRoot().run(thrower())), /thrown/);
      assertActive(outer);
    });
  });

  it('is an option that is checked before anything changes', () => {
    const { created } = stats().namespaces.roots;
    for (const options of [null, 1, 'root', { root: 1 }, { root: null }, { root: 'yes' }]) {
      assert.throws(() => namespace.createContext({}, options), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
    }
    assert.strictEqual(stats().namespaces.roots.created, created);
    const outer = create({ outer: true });
    const sees = [undefined, {}, { root: false }, Object.freeze({ root: undefined })].map((options) =>
      outer.run(() => namespace.createContext(undefined, options).run(() => namespace.get('outer'))),
    );
    assert.deepStrictEqual(sees, [true, true, true, true]);
  });

  it('leaves the other namespaces as they are', () => {
    const other = createNamespace('roots.other');
    const there = other.createContext({ there: 1 });
    there.run(() => createRoot().run(() => assertSame([other.active], [there])));
  });
});
