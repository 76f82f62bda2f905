'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');

const api = require('context');

const cls = require('context/cls');
const core = require('../../../lib/frames/binding');
const { watchCollection } = require('../../support/collected');

const { createNamespace, destroyNamespace, getNamespace } = cls;

const throwing = (error) => () => {
  throw error;
};

describe('cls: memory', () => {
  it('frees contexts whose values are promises, all that reaches them again, and the records of the core (cls-hooked issues 66 and 68)', async () => {
    const namespace = createNamespace('issue 66');
    const { watch, collected } = watchCollection();
    const work = (context) => {
      watch(context);
      const reach = () => context;
      const emitter = new EventEmitter();
      namespace.bindEmitter(emitter);
      const values = {
        promise: Promise.resolve(),
        pending: new Promise(() => {}),
        self: context,
        bound: namespace.bind(reach),
        emitter: emitter.on('event', reach),
        timer: setImmediate(reach),
      };
      for (const [key, value] of Object.entries(values)) namespace.set(key, value);
      return nextTurn();
    };
    await namespace.runPromise(nextTurn);
    const { pages } = core.stats();
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 50; i++) namespace.run(work);
      await Promise.all(Array.from({ length: 50 }, () => namespace.runPromise(work)));
    }
    await collected(1990);
    assert.ok(core.stats().pages <= pages + 2, `${core.stats().pages} pages, ${pages} before`);
    assert.strictEqual(namespace.active, null);
  });

  it('frees namespaces that are destroyed, with all their contexts (cls-hooked issue 67)', async () => {
    const { watch, collected } = watchCollection();
    for (let i = 0; i < 100; i++) {
      const namespace = createNamespace('issue 67');
      watch(namespace);
      namespace.run((context) => watch(namespace.set('self', context)));
      destroyNamespace('issue 67');
    }
    await collected(198);
    assert.strictEqual(getNamespace('issue 67'), undefined);
    assert.ok(!Object.keys(process.namespaces).includes('issue 67'));
  });

  it('keeps no chain if bound functions start themselves anew', async () => {
    const namespace = createNamespace('chain');
    const context = namespace.createContext();
    let depth;
    const turn = (left) => {
      depth = namespace._set.length;
      if (left > 0) setImmediate(namespace.bind(() => turn(left - 1), context));
    };
    namespace.bind(() => turn(100), context)();
    for (let i = 0; i < 110; i++) await nextTurn();
    assert.strictEqual(depth, 1);
  });

  it('warns of contexts that nest without end', async () => {
    const namespace = createNamespace('deep');
    const isOfThis = ({ code, message }) => code === 'CONTEXT_DEEP_NESTING' && message.includes("'deep'");
    const warned = new Promise((resolve) => {
      process.on('warning', function listener(warning) {
        if (isOfThis(warning)) resolve(process.off('warning', listener));
      });
    });
    const nest = (left) => left > 0 && namespace.run(() => nest(left - 1));
    nest(1001);
    await warned;
  });
});

describe('cls: where cls-hooked is broken', () => {
  it('leaves nothing over between two calls of runPromise (cls-hooked issue 63)', async () => {
    const namespace = createNamespace('issue 63');
    await namespace.runPromise(async () => namespace.set('key', 'first'));
    assert.strictEqual(namespace.active, null);
    assert.strictEqual(await namespace.runPromise(async () => namespace.get('key')), undefined);

    const pending = namespace.runPromise(async () => nextTurn());
    assert.strictEqual(namespace.active, null);
    await pending;
    assert.strictEqual(namespace.active, null);
    await assert.rejects(namespace.runPromise(() => Promise.reject(new Error('rejected'))));
    assert.strictEqual(namespace.active, null);
  });

  it('leaves nothing over if the function of runPromise throws or returns no promise', () => {
    const namespace = createNamespace('runPromise');
    const error = new Error('thrown');
    assert.throws(() => namespace.runPromise(throwing(error)), error);
    assert.strictEqual(namespace.active, null);
    assert.strictEqual(namespace.fromException(error)._ns_name, 'runPromise');
    for (const value of [undefined, {}, Object.create(null), Symbol('none')]) {
      assert.throws(() => namespace.runPromise(() => value), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
    }
    assert.strictEqual(namespace.active, null);
  });

  it('ends an enter with the callback that made it', async () => {
    const namespace = createNamespace('enter');
    const context = namespace.createContext();
    const inside = nextTurn().then(() => {
      namespace.enter(context);
      return nextTurn().then(() => namespace.active);
    });
    for (let i = 0; i < 2; i++) await nextTurn();
    assert.strictEqual(namespace.active, null);
    assert.strictEqual(await inside, context);
  });

  it('exits across an await', async () => {
    const namespace = createNamespace('exit');
    const work = async (outer) => {
      const context = namespace.createContext();
      namespace.enter(context);
      await nextTurn();
      const before = namespace.active === context;
      namespace.exit(context);
      await nextTurn();
      return [before, namespace.active === outer];
    };
    // In a callback of its own, for the context stays entered once the function has given its promise.
    const seen = await Promise.resolve().then(() => namespace.runPromise(work));
    assert.deepStrictEqual(seen, [true, true]);
  });

  it('ends a run whose context was exited', () => {
    const namespace = createNamespace('exited');
    namespace.run((outer) => {
      namespace.run((context) => {
        namespace.exit(context);
        assert.strictEqual(namespace.active, outer);
      });
      assert.strictEqual(namespace.active, outer);
    });
    assert.strictEqual(namespace.active, null);
  });

  it('lets the caller back into its context, whatever a bound function does', () => {
    const namespace = createNamespace('back');
    const [context, extra] = [namespace.createContext(), namespace.createContext()];
    namespace.run((caller) => {
      namespace.bind(() => namespace.exit(context), context)();
      assert.strictEqual(namespace.active, caller);
      const intrude = namespace.bind(() => namespace.exit(caller), context);
      assert.throws(intrude, { code: 'ERR_ASSERTION' });
      assert.strictEqual(namespace.active, caller);
      namespace.bind(() => namespace.enter(extra), context)();
      assert.strictEqual(namespace.active, extra);
      namespace.exit(extra);
      assert.strictEqual(namespace.active, caller);
    });
  });

  it('throws on what was thrown: frozen errors and values that are no objects', async () => {
    const namespace = createNamespace('thrown');
    for (const thrown of [Object.freeze(new Error('frozen')), 'text', 7, Symbol('thrown'), undefined, null, 0, '', false]) {
      const fail = throwing(thrown);
      const calls = [() => namespace.run(fail), namespace.bind(fail), () => namespace.runPromise(async () => fail())];
      for (const call of calls) {
        const outcome = await Promise.resolve()
          .then(call)
          .then(
            () => 'nothing',
            (error) => [error],
          );
        assert.strictEqual(outcome[0], thrown);
      }
    }
  });

  it('runs a listener that two contexts put on emitters in the context of each, also by prependListener', () => {
    const namespace = createNamespace('shared listener');
    for (const method of ['on', 'prependListener', 'prependOnceListener']) {
      const seen = [];
      const listener = () => seen.push(namespace.active);
      const emitters = [new EventEmitter(), new EventEmitter()];
      const contexts = emitters.map((emitter) => {
        namespace.bindEmitter(emitter);
        return namespace.run(() => emitter[method]('event', listener));
      });
      for (const emitter of emitters) emitter.emit('event');
      assert.ok(seen.length === 2 && seen.every((active, index) => active === contexts[index]), method);
      assert.strictEqual(emitters[0].listenerCount('event'), method === 'prependOnceListener' ? 0 : 1);
    }
  });

  it('removes what was put on with a subclass that stores another function, also beside a context', () => {
    class Mapping extends EventEmitter {
      #made = new Map();

      on(type, listener, ...rest) {
        const made = (...args) => listener.apply(this, [...args, ...rest]);
        this.#made.set(listener, made);
        return super.on(type, made);
      }

      off(type, listener) {
        return super.off(type, this.#made.get(listener) ?? listener);
      }
    }
    const namespace = createNamespace('mapping');
    const other = api.createNamespace('mapping').createContext();
    const bindings = [(emitter) => namespace.bindEmitter(emitter), (emitter) => other.add(emitter)];
    for (const bind of [bindings.slice(0, 1), bindings, bindings.toReversed()]) {
      for (const [Class, rest] of [
        [Mapping, ['third']],
        [EventEmitter, []],
      ]) {
        const emitter = new Class();
        bind.forEach((each) => each(emitter));
        const seen = [];
        const listener = (...args) => seen.push([namespace.get('key'), ...args]);
        namespace.run(() => namespace.set('key', 'value') && emitter.on('event', listener, 'third'));
        emitter.emit('event', 1);
        assert.deepStrictEqual(seen, [['value', 1, ...rest]]);
        emitter.off('event', listener);
        assert.strictEqual(emitter.emit('event'), false);
      }
    }
    api.destroyNamespace('mapping');
  });

  it('leaves emitters alone that are not those of Node.js', () => {
    const emitter = { on() {}, addListener() {}, emit() {}, removeListener() {} };
    const before = { ...emitter };
    createNamespace('foreign').bindEmitter(emitter);
    assert.deepStrictEqual(emitter, before);
  });

  it('has __proto__ as a key like any other, which never reaches a prototype', () => {
    const namespace = createNamespace('proto');
    const [[key, value]] = Object.entries(JSON.parse('{ "__proto__": { "polluted": true } }'));
    let conversions = 0;
    const convertedOnce = { toString: () => (conversions++ === 0 ? 'harmless' : '__proto__') };
    namespace.run((outer) => {
      assert.strictEqual(namespace.get(key), undefined);
      assert.strictEqual(namespace.set(key, value), value);
      assert.deepStrictEqual([namespace.get(key), namespace.get('polluted')], [value, undefined]);
      assert.strictEqual(Object.getPrototypeOf(outer), Object.prototype);
      namespace.run((inner) => {
        assert.strictEqual(namespace.get('__proto__'), value);
        namespace.set(['__proto__'], 'inner');
        assert.deepStrictEqual([namespace.get(key), namespace.get(['__proto__'])], ['inner', 'inner']);
        namespace.set(convertedOnce, value);
        assert.strictEqual(namespace.get('harmless'), value);
        assert.strictEqual(Object.getPrototypeOf(inner), outer);
        namespace.set(key, undefined);
        assert.strictEqual(namespace.get(key), undefined);
      });
      assert.strictEqual(namespace.get(key), value);
      for (const other of [Symbol('key'), 1, null, undefined, true, 'toString']) {
        namespace.set(other, value);
        assert.deepStrictEqual([namespace.get(other), outer[other]], [value, value]);
      }
      namespace.active = Object.freeze({});
      assert.throws(() => namespace.set(key, value), TypeError);
      assert.strictEqual(namespace.get(key), undefined);
    });
    assert.strictEqual(namespace.get(key), undefined);
    assert.throws(() => namespace.set(key, value), { code: 'ERR_CONTEXT_NOT_ACTIVE' });
    assert.strictEqual({}.polluted, undefined);
  });

  it('accepts any name', () => {
    for (const name of ['__proto__', 'constructor', 'length', '0', 'toString', '\ud800']) {
      assert.strictEqual(getNamespace(name), undefined);
      const namespace = createNamespace(name);
      assert.strictEqual(getNamespace(name), namespace);
      namespace.run(() => assert.strictEqual(namespace.active._ns_name, name));
      destroyNamespace(name);
      assert.strictEqual(getNamespace(name), undefined);
    }
  });
});
