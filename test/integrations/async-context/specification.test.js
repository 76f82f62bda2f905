'use strict';

const assert = require('node:assert');

const AsyncContext = require('context/async-context');

const { Snapshot, Variable } = AsyncContext;

/** What a getter, a trap or a callback throws is to reach the caller. */
class Expected extends Error {}
const fail = () => {
  throw new Expected();
};

const notObjects = [undefined, null, true, '', 'text', 1, 1n, Symbol('a symbol')];
const describing = Object.getOwnPropertyDescriptor;
const proxied = (value) => new Proxy(value, {});
const fixed = (value) => ({ value, writable: false, enumerable: false, configurable: true });
const isTypeError = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };

/** By class, how to call its `run` without what else it takes. */
const runs = new Map([
  [Variable, (variable, ...args) => variable.run('value', ...args)],
  [Snapshot, (snapshot, ...args) => snapshot.run(...args)],
]);

function isConstructor(value) {
  try {
    return Reflect.construct(Object, [], value) !== undefined;
  } catch {
    return false;
  }
}

describe('the properties of context/async-context', () => {
  const { prototype } = Variable;
  const nameOf = describing(prototype, 'name').get;
  const flags = ({ writable, enumerable, configurable }) => [writable, enumerable, configurable].map(Boolean).join();

  const rows = [
    ['AsyncContext.Snapshot', AsyncContext, 'Snapshot', 'true,false,true', Snapshot],
    ['AsyncContext.Variable', AsyncContext, 'Variable', 'true,false,true', Variable],
    ['Snapshot.prototype', Snapshot, 'prototype', 'false,false,false', Snapshot.prototype],
    ['Snapshot.prototype.constructor', Snapshot.prototype, 'constructor', 'true,false,true', Snapshot],
    ['Snapshot.prototype.run', Snapshot.prototype, 'run', 'true,false,true', Snapshot.prototype.run],
    ['Snapshot.wrap', Snapshot, 'wrap', 'true,false,true', Snapshot.wrap],
    ['Variable.prototype', Variable, 'prototype', 'false,false,false', prototype],
    ['Variable.prototype.constructor', prototype, 'constructor', 'true,false,true', Variable],
    ['Variable.prototype.get', prototype, 'get', 'true,false,true', prototype.get],
    ['Variable.prototype.name', prototype, 'name', 'false,false,true', undefined],
    ['Variable.prototype.run', prototype, 'run', 'true,false,true', prototype.run],
    ['the tag of AsyncContext', AsyncContext, Symbol.toStringTag, 'false,false,true', 'AsyncContext'],
    ['the tag of Snapshot', Snapshot.prototype, Symbol.toStringTag, 'false,false,true', 'AsyncContext.Snapshot'],
    ['the tag of Variable', prototype, Symbol.toStringTag, 'false,false,true', 'AsyncContext.Variable'],
  ];
  for (const [what, object, key, expected, value] of rows) {
    it(`${what}: writable, enumerable, configurable are ${expected}`, () => {
      const found = describing(object, key);
      assert.deepStrictEqual([flags(found), found.value, found.set], [expected, value, undefined]);
    });
  }

  const functions = [
    [Snapshot, 'Snapshot', 0, true],
    [Snapshot.prototype.run, 'run', 1, false],
    [Snapshot.wrap, 'wrap', 1, false],
    [Variable, 'Variable', 1, true],
    [prototype.run, 'run', 2, false],
    [prototype.get, 'get', 0, false],
    [nameOf, 'get name', 0, false],
  ];
  for (const [value, name, length, constructs] of functions) {
    it(`the function ${name} has the length ${length}, and is ${constructs ? 'a' : 'no'} constructor`, () => {
      assert.deepStrictEqual([describing(value, 'name'), describing(value, 'length')], [fixed(name), fixed(length)]);
      assert.deepStrictEqual([Object.getPrototypeOf(value), isConstructor(value)], [Function.prototype, constructs]);
    });
  }

  it('there are no more, and no global', () => {
    const counts = [Snapshot, Snapshot.prototype, Variable, Variable.prototype].map((object) => Reflect.ownKeys(object).length);
    assert.deepStrictEqual(counts, [4, 3, 3, 5]);
    assert.deepStrictEqual([Object.keys(AsyncContext), 'AsyncContext' in globalThis], [[], false]);
    assert.strictEqual(Object.getPrototypeOf(AsyncContext), Object.prototype);
  });

  it('`import` has them, in an ES module and when it was compiled', async () => {
    const namespace = await import('context/async-context');
    assert.deepStrictEqual([namespace.Variable, namespace.Snapshot], [Variable, Snapshot]);
    assert.deepStrictEqual(
      [namespace.default, AsyncContext.__esModule, AsyncContext.default],
      [AsyncContext, true, AsyncContext],
    );
  });
});

for (const [Class, run] of runs) {
  describe(`the constructor of ${Class.name}`, () => {
    it('makes ordinary objects: extensible, without properties, of a prototype that is of Object.prototype', () => {
      const instance = new Class();
      assert.notStrictEqual(new Class(), instance);
      assert.deepStrictEqual([Object.isExtensible(instance), Reflect.ownKeys(instance)], [true, []]);
      assert.strictEqual(Object.getPrototypeOf(instance), Class.prototype);
      assert.strictEqual(Object.getPrototypeOf(Class.prototype), Object.prototype);
    });

    it('is not to be called without `new`', () => {
      for (const self of [undefined, {}, new Class(), Class.prototype])
        assert.throws(() => Reflect.apply(Class, self, []), TypeError);
    });

    it('has the prototype of `new.target`, or that of the class if it is no object', () => {
      const target = function () {};
      for (const prototype of [{}, [], target, ...notObjects]) {
        target.prototype = prototype;
        const expected = Object(prototype) === prototype ? prototype : Class.prototype;
        assert.strictEqual(Object.getPrototypeOf(Reflect.construct(Class, [], target)), expected);
      }
      assert.throws(() => Reflect.construct(Class, [], new Proxy(target, { get: fail })), Expected);
    });

    it('is that of subclasses, also of frozen instances', () => {
      class Mine extends Class {
        #own = 'own';

        constructor(options) {
          super(options);
          this.own = this.#own;
          Object.freeze(this);
        }
      }
      const mine = new Mine({ name: 'mine' });
      assert.deepStrictEqual([mine instanceof Mine && mine instanceof Class, mine.own], [true, 'own']);
      assert.deepStrictEqual([mine.name, run(mine, (text) => text, 'result')], [new Class({ name: 'mine' }).name, 'result']);
    });

    it('has a `run` that refuses any callback but a function', () => {
      for (const callback of [...notObjects, {}, [], new Variable(), new Snapshot()]) {
        assert.throws(() => run(new Class(), callback), isTypeError);
        assert.throws(() => Snapshot.wrap(callback), isTypeError);
      }
      assert.throws(() => run(new Class(), class {}), TypeError);
    });

    it('has a `run` that passes arguments, result and error on, and calls with undefined as `this`', () => {
      const echo = function (...args) {
        return [this, ...args];
      };
      assert.deepStrictEqual(run(new Class(), echo, 1, 2, 3), [undefined, 1, 2, 3]);
      assert.deepStrictEqual(run(new Class(), proxied(echo), 1), [undefined, 1]);
      const promise = Promise.resolve();
      assert.ok(run(new Class(), () => promise) === promise);
      assert.throws(() => run(new Class(), fail), Expected);
    });
  });
}

describe('a receiver that is none of the class', () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const [variable, snapshot] = [new Variable(), new Snapshot()];
  const foreign = [...notObjects, {}, [], fail, revoked.proxy];
  const noVariables = [snapshot, Variable.prototype, proxied(variable), Object.create(variable)];
  const methods = {
    'Variable.prototype.run': noVariables,
    'Variable.prototype.get': noVariables,
    'Variable.prototype.name': noVariables,
    'Snapshot.prototype.run': [variable, Snapshot.prototype, proxied(snapshot), Object.create(snapshot)],
  };
  for (const [what, more] of Object.entries(methods)) {
    it(`is refused by ${what}, before it looks at the callback`, () => {
      const [Class, , key] = what.split('.');
      const { get, value = get } = describing(AsyncContext[Class].prototype, key);
      for (const self of [...foreign, ...more]) assert.throws(() => Reflect.apply(value, self, [fail, fail]), isTypeError);
    });
  }
});

describe('the options of a Variable', () => {
  const given = (options) => [new Variable(options).name, new Variable(options).get()];
  const object = { toString: () => 'text', valueOf: fail };
  const rows = [
    [{ name: 'n', defaultValue: fail }, 'n', fail],
    [Object.create({ name: 'inherited', defaultValue: null }), 'inherited', null],
    [Object.assign(function named() {}, { defaultValue: 1 }), 'named', 1],
    [{}, '', undefined],
    ...[undefined, null, 42, object, []].map((name) => [{ name }, `${name}`, undefined]),
    ...notObjects.map((options) => [options, '', undefined]),
  ];
  it('are a name, which becomes a string, and a default value, of any object', () => {
    for (const [options, name, value] of rows) assert.deepStrictEqual(given(options), [name, value]);
    assert.deepStrictEqual([new Variable().name, new Variable().get()], ['', undefined]);
    assert.throws(() => new Variable({ name: Symbol('name') }), TypeError);
  });

  /** Constructs a Variable; returns what was read, up to the step that throws. */
  function stepsOf(options, failing) {
    const steps = [];
    const note = (step) => steps.push(step) && step === failing && fail();
    const toString = () => note('toString') || 'text';
    const handler = {
      has: (target, key) => note(`has ${key}`) || key in target,
      get: (target, key) => note(`get ${key}`) || target[key],
    };
    const read = new Proxy(options.name === undefined ? {} : { name: { toString } }, handler);
    const construct = () => Reflect.construct(Variable, [read], new Proxy(Object, handler));
    if (failing === undefined) construct();
    else assert.throws(construct, Expected);
    return steps;
  }

  it('are read in order, before the prototype; what a step throws reaches the caller, and no more is read', () => {
    const all = ['has name', 'get name', 'toString', 'get defaultValue', 'get prototype'];
    assert.deepStrictEqual(stepsOf({ name: 'text' }), all);
    assert.deepStrictEqual(stepsOf({}), ['has name', 'get defaultValue', 'get prototype']);
    for (const [index, step] of all.entries()) assert.deepStrictEqual(stepsOf({ name: 'text' }, step), all.slice(0, index + 1));
  });
});

describe('what Snapshot.wrap returns', () => {
  const withProperty = (key, value) => Object.defineProperty(function original() {}, key, { value });

  it('passes `this`, arguments, result and error on, and is no constructor', () => {
    const self = Snapshot.wrap.call(null, function (...args) {
      return [this, ...args];
    });
    for (const receiver of [...notObjects, {}]) assert.deepStrictEqual(Reflect.apply(self, receiver, [1, 2]), [receiver, 1, 2]);
    assert.throws(() => Snapshot.wrap(fail)(), Expected);
    assert.strictEqual(isConstructor(Snapshot.wrap(class {})), false);
    assert.deepStrictEqual([Reflect.ownKeys(self), Object.getPrototypeOf(self)], [['length', 'name'], Function.prototype]);
  });

  it('has the length of the callback, if that is a number, as an integer', () => {
    const { MAX_SAFE_INTEGER: max } = Number;
    const numbers = { 0: 0, 2: 2, '-42': 0, 0.5: 0, '-0.5': 0, 7.9: 7, NaN: 0, Infinity: Infinity, '-Infinity': 0, [max]: max };
    const rows = Object.entries(numbers).map(([text, expected]) => [Number(text), expected]);
    rows.push([-0, 0], [max * 9, max * 9]);
    for (const value of ['42', 42n, {}, new Number(42), undefined, null, Symbol('42')]) rows.push([value, 0]);
    for (const [value, expected] of rows) {
      assert.deepStrictEqual(describing(Snapshot.wrap(withProperty('length', value)), 'length'), fixed(expected));
    }
  });

  it('has the name of the callback, if that is a string, after "wrapped "', () => {
    const rows = [
      ['foo', 'wrapped foo'],
      ['', 'wrapped '],
    ];
    for (const value of [42, undefined, Symbol('foo'), new String('foo'), { toString: fail }]) rows.push([value, 'wrapped ']);
    for (const [value, expected] of rows) {
      assert.deepStrictEqual(describing(Snapshot.wrap(withProperty('name', value)), 'name'), fixed(expected));
    }
  });

  it('has a name that the callback inherits, but no length', () => {
    const inheriting = Object.setPrototypeOf(() => {}, { name: 'inherited', length: 2 });
    delete inheriting.name;
    delete inheriting.length;
    const { name, length } = Snapshot.wrap(inheriting);
    assert.deepStrictEqual([name, length], ['wrapped inherited', 0]);
  });

  it('what reading them throws reaches the caller: whether there is a length, the length, the name', () => {
    const all = ['has length', 'get length', 'get name'];
    for (const failing of [undefined, ...all]) {
      const steps = [];
      const note = (step) => steps.push(step) && step === failing && fail();
      const callback = new Proxy(fail, {
        get: (target, key) => note(`get ${key}`) || target[key],
        getOwnPropertyDescriptor: (target, key) => note(`has ${key}`) || describing(target, key),
      });
      if (failing === undefined) Snapshot.wrap(callback);
      else assert.throws(() => Snapshot.wrap(callback), Expected);
      assert.deepStrictEqual(steps, failing === undefined ? all : all.slice(0, all.indexOf(failing) + 1));
    }
  });
});
