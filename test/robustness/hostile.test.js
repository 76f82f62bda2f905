'use strict';

const assert = require('node:assert');
const { isPromise } = require('node:util/types');

const fc = require('fast-check');

const { createNamespace, destroyNamespace, detach, getNamespace, stats } = require('context');

const { activeInCore } = require('../support/core-view');
const { anything, hostile } = require('./values');

/** Of each call, besides all values of values.js; and of the orders of calls. */
const RUNS = 40;
const ORDERS = 200;

const namespace = createNamespace('trust.hostile');
const other = createNamespace('trust.hostile.other');
const context = namespace.createContext();
context.on('error', () => {});

const { constructor: Context } = context;
const { constructor: Namespace } = namespace;

/** The values that were thrown: some are the same ones each time. */
const thrown = new WeakSet();

/** What a call that fails leaves as it is, beside what is active. */
const countsNow = () => stats().namespaces['trust.hostile'];

const isFunction = (value) => typeof value === 'function';
const isObject = (value) => typeof value === 'object' && value !== null;
const areValues = (value) => value === undefined || isObject(value);
const isKey = (value) => ['string', 'symbol', 'number'].includes(typeof value);
const key = (value) => (typeof value === 'number' ? String(value) : value);

const TYPE = 'ERR_INVALID_ARG_TYPE';

/** Looks after the rejection that a promise may have. */
function settle(result) {
  if (isPromise(result)) Reflect.apply(Promise.prototype.then, result, [() => {}, () => {}]);
  return result;
}

/** What comes out of a function: its result or its error. */
function outcomeOf(perform) {
  try {
    return { result: perform() };
  } catch (error) {
    return { error };
  }
}

/** Whether a promise takes reactions: not if it has a constructor that throws. */
function canBeAwaited(promise) {
  const { error, result } = outcomeOf(() => Reflect.apply(Promise.prototype.then, promise, [undefined, () => {}]));
  return error === undefined && isPromise(result);
}

/** A test of a call with a function: refused if the value is none; else it comes out as the function's own, with its error or none. */
function calling(call, self = context) {
  return (value) => {
    const outcome = outcomeOf(() => settle(call(value)));
    if (!isFunction(value)) return assertRefused(outcome, TYPE);
    const plain = outcomeOf(() => settle(Reflect.apply(value, self, [])));
    assert.strictEqual('error' in outcome, 'error' in plain);
    if ('error' in plain) assert.strictEqual(String(outcome.error?.message), String(plain.error?.message));
    else assert.strictEqual(typeof outcome.result, typeof plain.result);
  };
}

/** A test of a call with a key. */
function keyed(result, call) {
  return (value) => {
    const outcome = outcomeOf(() => call(value));
    if (isKey(value)) assert.deepStrictEqual(outcome, { result });
    else assertRefused(outcome, TYPE);
  };
}

function assertRefused({ error, ...others }, code) {
  assert.deepStrictEqual(others, {});
  assert.strictEqual(error.code, code);
  assert.ok(error instanceof TypeError);
  assert.ok(error.message.length < 10_000, `a message of ${error.message.length} characters`);
}

/** A test of a constructor that is not for callers. */
function constructing(construct) {
  return (value) => {
    const outcome = outcomeOf(() => construct(value));
    assertRefused(outcome, 'ERR_ILLEGAL_CONSTRUCTOR');
  };
}

/** A test of a call that makes a context of initial values or options: none if they are refused, or throw when they are read. */
function creating(accepts, create) {
  return (value) => {
    const { created } = countsNow();
    const outcome = outcomeOf(() => create(value));
    if (!accepts(value)) assertRefused(outcome, TYPE);
    assert.strictEqual(countsNow().created - created, 'error' in outcome ? 0 : 1);
  };
}

/** If the value comes back as it is, wherever it was kept or passed. */
function same(call) {
  return (value) => assert.ok(Object.is(call(value), value));
}

/** Each calls one of the public functions with a value, and asserts what the documentation says. */
const calls = {
  createNamespace(value) {
    const outcome = outcomeOf(() => createNamespace(value));
    if (typeof value !== 'string') assertRefused(outcome, TYPE);
    else if (value === '') assertRefused(outcome, 'ERR_INVALID_ARG_VALUE');
    else {
      assert.strictEqual(outcome.result.name, value);
      assert.strictEqual(getNamespace(value), outcome.result);
      assert.ok(destroyNamespace(value));
    }
  },
  getNamespace: (value) => assert.strictEqual(getNamespace(value), undefined),
  destroyNamespace: (value) => assert.strictEqual(destroyNamespace(value), false),
  stats: (value) => assert.ok(stats(value).bytes >= 0),

  'namespace.get': keyed(undefined, (value) => namespace.get(value)),
  'namespace.set, the key': keyed([1, true], (value) => {
    namespace.set(value, 1);
    return [namespace.get(value), delete namespace.active.bag[key(value)]];
  }),
  'namespace.set, the value': same((value) => {
    const result = namespace.set('value', value);
    assert.ok(Object.is(namespace.get('value'), value));
    namespace.active.delete('value');
    return result;
  }),
  'namespace.run': calling((value) => namespace.run(value)),
  'namespace.run, an argument': same((value) => namespace.run((one) => assert.ok(Object.is(one, value)), value) ?? value),
  'namespace.run, the values': creating(
    (value) => isFunction(value) || areValues(value),
    (value) => namespace.run(isFunction(value) ? {} : value, () => {}),
  ),
  'namespace.run, a callback after values': calling((value) => namespace.run({}, value)),
  'namespace.createContext, the values': creating(areValues, (value) => namespace.createContext(value)),
  'namespace.createContext, the options': creating(areValues, (value) => namespace.createContext({}, value)),
  'namespace.toObject': keyed({ __proto__: null }, (value) => namespace.toObject(value)),
  'namespace.wrap': calling((value) => namespace.wrap(value).call(context)),
  'namespace.wrap, what values returns': creating(
    (value) => areValues(value) && !isPromise(value),
    (value) => namespace.wrap(() => {}, () => value)(), // prettier-ignore
  ),
  detach: calling((value) => detach(value), null),
  'namespace.bind': calling((value) => namespace.bind(value).call(context)),
  'namespace.fromException'(value) {
    const expected = (isFunction(value) || isObject(value)) && thrown.has(value) ? context : undefined;
    assert.strictEqual(namespace.fromException(value), expected);
  },
  'namespace.active, to be written': (value) => assert.throws(() => (namespace.active = value), TypeError),
  'namespace.name, to be written': (value) => assert.throws(() => (namespace.name = value), TypeError),
  'new Namespace': constructing((value) => new Namespace(value, 'name')),

  'context.get': keyed(undefined, (value) => context.get(value)),
  'context.has': keyed(false, (value) => context.has(value)),
  'context.delete': keyed(false, (value) => context.delete(value)),
  'context.set, the key': keyed([1, 1, true, true], (value) => {
    return [context.set(value, 1), context.get(value), Object.hasOwn(context.bag, key(value)), context.delete(value)];
  }),
  'context.set, the value': same((value) => {
    const result = context.set('value', value);
    assert.ok(Object.is(context.get('value'), value) && context.has('value'));
    context.delete('value');
    return result;
  }),
  'context.run': calling((value) => context.run(value)),
  'context.run, what is returned'(value) {
    const { result, error } = outcomeOf(() => settle(context.run(() => value)));
    // Promises are waited for, unless they do not let themselves be waited for.
    if (isPromise(value)) assert.strictEqual(isPromise(result), error === undefined && canBeAwaited(value));
    else assert.ok(Object.is(result, value) && error === undefined);
  },
  'context.run, what is thrown'(value) {
    const outcome = outcomeOf(() =>
      context.run(() => {
        throw value;
      }),
    );
    assert.deepStrictEqual(Object.keys(outcome), ['error']);
    assert.ok(Object.is(outcome.error, value));
    if (!isFunction(value) && (typeof value !== 'object' || value === null)) return;
    assert.strictEqual(namespace.fromException(value), context);
    thrown.add(value);
  },
  'context.bind': calling((value) => context.bind(value).call(context)),
  'context.bind, its this and an argument'(value) {
    const bound = context.bind(function (...args) {
      assert.ok(Object.is(this, value ?? context));
      return args;
    });
    assert.ok(Object.is(bound.call(value, value)[0], value));
  },
  'context.bind, without a call': (value) => {
    const outcome = outcomeOf(() => context.bind(value));
    if (!isFunction(value)) assertRefused(outcome, TYPE);
    else assert.ok(isFunction(outcome.result) && outcome.result !== value);
  },
  'context.add'(value) {
    const keys = outcomeOf(() => Reflect.ownKeys(value)).result;
    const outcome = outcomeOf(() => context.add(value));
    if ('error' in outcome) {
      assertRefused(outcome, TYPE);
      assert.deepStrictEqual(outcomeOf(() => Reflect.ownKeys(value)).result, keys);
    } else {
      assert.strictEqual(outcome.result, value);
      assert.ok(isFunction(value.on) && isFunction(value.emit));
    }
  },
  'context.endWith'(value) {
    const one = namespace.createContext();
    const ends = [];
    one.on('end', (outcome) => ends.push(outcome));
    const outcome = outcomeOf(() => one.endWith(value));
    if (!isFunction(value) && !isObject(value)) assertRefused(outcome, TYPE);
    one.run(() => assert.deepStrictEqual(ends, []));
    // What was refused leaves it to `run` to end.
    assert.strictEqual(ends.length, 'error' in outcome ? 1 : 0);
    if (!('error' in outcome)) one.end();
    assert.deepStrictEqual(ends, [undefined]);
  },
  'context.abort, the reason'(value) {
    const one = namespace.createContext();
    one.run(() => one.abort(value));
    const { reason } = one.signal;
    assert.ok(value === undefined ? reason.name === 'AbortError' : Object.is(reason, value));
  },
  'context.end, an argument': (value) => assert.strictEqual(context.end(value), undefined),
  'context.exit, an argument': (value) => assert.throws(() => context.exit(value), { code: 'ERR_CONTEXT_NOT_ENTERED' }),
  'context.enter, an argument'(value) {
    context.enter(value);
    assert.strictEqual(namespace.active, context);
    context.exit(value);
  },
  'new Context': constructing((value) => new Context(value, namespace, {}, 1)),
};

/** The functions that would take the process down with them, and belong to nobody who tests them. */
const ofTheProcess = new Set([globalThis, process]);

const identities = new Map();

/** A number for each object: of two contexts that are alike, deepStrictEqual would say they are equal. */
function identityOf(object) {
  if (!identities.has(object)) identities.set(object, identities.size);
  return identities.get(object);
}

/** What no call may change. */
function stateNow() {
  return {
    active: [namespace.active, other.active].map(identityOf),
    inCore: [activeInCore(namespace), activeInCore(other)],
    registered: process.namespaces.map(identityOf),
    names: Object.getOwnPropertyNames(process.namespaces),
    values: Reflect.ownKeys(context.bag).concat(Reflect.ownKeys(namespace.active.bag)),
    prototypes: [Object, Function, Array, Promise, Map, WeakMap, Error].map(({ prototype }) => Reflect.ownKeys(prototype)),
    counted: stats().namespaces['trust.hostile.other'],
  };
}

/** Are about namespaces by their names: not asked about those of other tests. */
const ofNames = new Set(['createNamespace', 'getNamespace', 'destroyNamespace']);

describe('a value of any kind', () => {
  for (const [what, call] of Object.entries(calls)) {
    it(`is taken or refused as documented, and nothing else changes: ${what}`, () => {
      const check = ({ make }) => {
        const value = make();
        if (what === 'context.add' && ofTheProcess.has(value)) return;
        if (ofNames.has(what) && getNamespace(value) !== undefined) return;
        const before = stateNow();
        call(value);
        assert.deepStrictEqual(stateNow(), before);
      };
      for (const make of Object.values(hostile)) {
        check({ make });
        namespace.run(() => other.run(() => check({ make })));
      }
      fc.assert(fc.property(anything, check), { numRuns: RUNS });
    });
  }

  it('that is refused is not counted', () => {
    const ofContext = ['run', 'bind', 'add', 'exit'].map((name) => () => context[name]({}));
    const ofNamespace = ['run', 'bind', 'set'].map((name) => () => namespace[name]({}, 1));
    const emitter = hostile['emitter with a throwing method']();
    const refused = [() => createNamespace({}), ...ofNamespace, ...ofContext, () => context.add(emitter), () => new Context()];
    const before = countsNow();
    for (const call of refused) assert.throws(call);
    assert.deepStrictEqual(countsNow(), before);
  });

  it('leaves everything in order whatever is called in which order', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom(...Object.keys(calls)), anything), { maxLength: 30 });
    const property = fc.property(steps, (list) => {
      const before = stateNow();
      namespace.run(() => {
        for (const [what, { make }] of list) {
          const value = make();
          if (!ofTheProcess.has(value)) calls[what](value);
        }
      });
      assert.deepStrictEqual(stateNow(), before);
    });
    fc.assert(property, { numRuns: ORDERS });
  });
});
