'use strict';

const assert = require('node:assert');
const { MessageChannel } = require('node:worker_threads');

const { bind, createNamespace, snapshot, stats } = require('context');

const { counted } = require('../support/contexts');

const namespace = createNamespace('refusals');
const strict = createNamespace('refusals.strict', { strict: true });
const { context, ends } = counted(namespace);
const touchy = new Proxy({}, { get: () => assert.fail('touched') });

/** By the argument: what the message begins with, the values that are refused, and the calls that refuse them. */
const refusals = {
  'a name': [
    /^name must be a string, but it is /,
    [undefined, null, 1, {}, [], Symbol('name'), () => {}, new String('name')],
    [(value) => createNamespace(value)],
  ],
  'options of a namespace': [
    /^options(\.strict)? must be/,
    [null, 1, 'strict', true, { strict: 1 }, { strict: null }, { strict: 'true' }],
    [(value) => createNamespace('refusals.options', value)],
  ],
  'values of a context': [
    /^values must be an object/,
    [null, 1, 'text', true, Symbol('s'), () => {}, 1n],
    [(value) => namespace.createContext(value)],
  ],
  'a callback': [
    /^callback must be a function/,
    [undefined, null, 1, 'text', {}, []],
    [
      (value) => namespace.run(value),
      (value) => namespace.bind(value),
      (value) => context.run(value),
      (value) => context.bind(value),
      (value) => bind(value),
      (value) => snapshot()(value),
    ],
  ],
  'a key': [
    /^key must be a string, a symbol or a number/,
    [undefined, null, true, {}, [], () => {}, 1n],
    [
      (value) => context.set(value, 1),
      (value) => context.get(value),
      (value) => context.has(value),
      (value) => context.delete(value),
      (value) => namespace.get(value),
      (value) => namespace.set(value, 1),
      (value) => strict.set(value, 1),
    ],
  ],
  'a key to expose': [/^key must be/, [undefined, null, {}, true, 1n, () => 0], [(value) => namespace.expose('id', value)]],
  'an emitter': [
    /^emitter must be/,
    [undefined, null, 1, 'text', {}, () => {}, { on() {} }, new EventTarget(), new MessageChannel().port1],
    [(value) => context.add(value), (value) => context.remove(value)],
  ],
  'a target': [
    /^target must be/,
    [undefined, null, 1, () => {}, {}, { then() {} }, new EventTarget(), touchy],
    [(value) => context.endWith(value)],
  ],
};

const state = () => JSON.stringify([process.namespaces.map(({ name }) => name), stats().namespaces, context.bag]);

describe('a wrong argument is refused before any state changes', () => {
  for (const [what, [message, values, calls]] of Object.entries(refusals)) {
    it(what, () => {
      const before = state();
      for (const value of values) {
        for (const call of calls) {
          assert.throws(() => call(value), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message }, String(call));
        }
      }
      assert.strictEqual(state(), before);
    });
  }

  it('and a context that was used so ends as ever', () => {
    context.run(() => {});
    assert.strictEqual(ends.length, 1);
  });

  it('the empty name, and a getter of a value that throws', () => {
    const before = state();
    assert.throws(() => createNamespace(''), { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' });
    const values = Object.defineProperty({}, 'fails', { get: () => assert.fail('getter'), enumerable: true });
    assert.throws(() => namespace.createContext(values), /getter/);
    assert.strictEqual(state(), before);
  });
});
