'use strict';

/** Values of every kind, as a caller who means no good would pass them. */

const { EventEmitter } = require('node:events');
const { inspect } = require('node:util');
const vm = require('node:vm');

const fc = require('fast-check');

/** What a value does when somebody touches it. */
function touch() {
  throw new Error('a value was touched');
}

/** An object that throws if one of these properties is read. */
function withGetters(target, ...names) {
  for (const name of names) Object.defineProperty(target, name, { get: touch, configurable: true });
  return target;
}

/** A proxy all of whose traps throw. */
function touchy(target) {
  const handler = {};
  for (const name of Reflect.ownKeys(Reflect)) if (name !== Symbol.toStringTag) handler[name] = touch;
  return new Proxy(target, handler);
}

function revoked(target) {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** A promise that rejects, which nobody has to catch. */
function rejected(error) {
  const promise = Promise.reject(error);
  promise.catch(() => {});
  return promise;
}

const foreign = (program) => vm.runInNewContext(program);

/** By a name, what makes the value. */
const hostile = {
  undefined: () => undefined,
  null: () => null,
  boolean: () => true,
  NaN: () => NaN,
  'minus zero': () => -0,
  infinity: () => Infinity,
  bigint: () => 10n ** 50n,
  'empty string': () => '',
  __proto__: () => '__proto__',
  constructor: () => 'constructor',
  length: () => 'length',
  'a lone surrogate': () => '\ud800',
  'a zero byte': () => '\0',
  'a huge string': () => 'huge '.repeat(2 ** 20),
  symbol: () => Symbol('symbol'),
  'symbol without a description': () => Symbol(),
  'well-known symbol': () => Symbol.toPrimitive,
  'symbol of this package': () => Symbol.for('context.v1'),
  'boxed string': () => new String('boxed'),
  object: () => ({}),
  'object without a prototype': () => Object.create(null),
  'frozen object': () => Object.freeze({ key: 1 }),
  'cyclic object': () => {
    const object = {};
    return Object.assign(object, { object });
  },
  array: () => ['name'],
  date: () => new Date(NaN),
  map: () => new Map([[{}, {}]]),
  buffer: () => Buffer.alloc(10),
  'detached buffer': () => {
    const bytes = new Uint8Array(8);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    return bytes;
  },
  error: () => new Error('an error'),
  'error without a message or stack': () => withGetters(new Error('an error'), 'stack', 'message', 'name', 'code', 'cause'),
  global: () => globalThis,
  process: () => process,
  'lying primitive': () => ({ [Symbol.toPrimitive]: () => 'name', toString: () => 'other', valueOf: () => 3 }),
  'throwing primitive': () => ({ [Symbol.toPrimitive]: touch, toString: touch, valueOf: touch }),
  'throwing inspection': () => ({ [inspect.custom]: touch }),
  'throwing getters': () => {
    return withGetters({}, Symbol.toStringTag, 'constructor', 'then', 'emit', 'on', 'name', 'length', inspect.custom);
  },
  'touchy proxy': () => touchy({}),
  'revoked proxy': () => revoked({}),
  thenable: () => ({ then: touch }),
  promise: () => Promise.resolve(1),
  'rejected promise': () => rejected(new Error('rejected')),
  'promise rejected with nothing': () => rejected(undefined),
  'promise with a throwing then': () => withGetters(Promise.resolve(1), 'then'),
  'promise with a throwing constructor': () => withGetters(Promise.resolve(1), 'constructor'),
  'promise without a prototype': () => Object.setPrototypeOf(Promise.resolve(1), null),
  'promise with a touchy prototype': () => Object.setPrototypeOf(Promise.resolve(1), touchy({})),
  'promise of another realm': () => foreign('Promise.resolve(1)'),
  'object of another realm': () => foreign('({})'),
  function: () => function named() {},
  'arrow function': () => () => 1,
  'function that throws': () => touch,
  'function without a name': () => withGetters(() => 1, 'name', 'length'),
  'function without a prototype': () => Object.setPrototypeOf(() => 1, null),
  'frozen function': () => Object.freeze(() => 1),
  'bound function': () =>
    function () {
      return this;
    }.bind(7),
  'async function': () => async () => 1,
  'generator function': () =>
    function* () {
      yield 1;
    },
  'async generator function': () =>
    async function* () {
      yield 1;
    },
  class: () => class Named {},
  'class with a lying name': () =>
    class {
      static name = {};
      static length = 'long';
    },
  'built-in class': () => Map,
  'native function': () => Array.prototype.slice,
  'touchy function': () => touchy(() => 1),
  'revoked function': () => revoked(() => 1),
  'function of another realm': () => foreign('(() => 1)'),
  emitter: () => new EventEmitter(),
  'frozen emitter': () => Object.freeze(new EventEmitter()),
  'emitter with a throwing method': () => withGetters(new EventEmitter(), 'prependListener'),
  'emitter with a throwing on': () => withGetters(new EventEmitter(), 'on'),
  'emitter that keeps a method': () => Object.defineProperty(new EventEmitter(), 'once', { value: touch }),
  'touchy emitter': () => touchy(new EventEmitter()),
  'revoked emitter': () => revoked(new EventEmitter()),
  'emitter that looks like one': () => ({ emit() {}, on() {}, once() {}, removeListener() {} }),
  'emitter that is a function': () => Object.assign(() => 1, { emit() {}, on() {}, once() {}, removeListener() {} }),
  'proxy of an emitter': () => new Proxy(new EventEmitter(), {}),
};

const others = {
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSet: true,
};

/** What makes any value, one of those above or of fast-check's own, which would touch it if it had it itself. */
const anything = fc.oneof(
  fc.constantFrom(...Object.keys(hostile)).map((name) => ({ name, make: hostile[name] })),
  fc.anything(others).map((value) => ({ name: fc.stringify(value), make: () => value })),
);

module.exports = { anything, hostile, touch, withGetters };
