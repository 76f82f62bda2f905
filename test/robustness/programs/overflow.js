'use strict';

/** Overflows the stack in contexts, in many ways and places, and prints as JSON what is wrong afterwards: nothing is to be. */

const assert = require('node:assert');
const { EventEmitter } = require('node:events');

const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');
const { createNamespace } = require('context');
const domain = require('context/domain');
const { ContextManager } = require('context/opentelemetry');

/** How often each way overflows: in another place each time. */
const TURNS = Number(process.argv[2]);

const manager = new ContextManager();
const [one, two] = ['one', 'two'].map((name) => ROOT_CONTEXT.setValue(createContextKey('name'), name));
const [namespace, other] = ['one', 'other'].map((name) => createNamespace(name));
const outside = [namespace.active, other.active];
const single = namespace.createContext();
// A promise is rejected in it if there was no room for a handler.
const someDomain = domain.create().on('error', () => {});
const emitter = manager.bind(one, namespace.createContext().add(other.createContext().add(new EventEmitter())));
emitter.on('event', () => emitter.emit('event'));

/** By what overflows the stack: calls a function, which is itself, in contexts. */
const recursions = {
  run: (f) => namespace.run(f),
  'run of one context': (f) => single.run(f),
  'run of default contexts': (f) => namespace.active.run(() => outside[0].run(f)),
  'bound functions': (f) => namespace.createContext().bind(f)(),
  'two namespaces': (f) => namespace.run(() => other.run(f)),
  'contexts with listeners'(f) {
    const context = namespace.createContext();
    context.on('end', () => {});
    context.run(f);
  },
  'contexts that are caught'(f) {
    try {
      namespace.run(f);
    } catch (error) {
      other.active.set('caught', error);
      throw error;
    }
  },
  'with of OpenTelemetry': (f) => manager.with(one, f),
  'with of OpenTelemetry, and run in it': (f) => manager.with(one, () => namespace.run(f)),
  'run, and with of OpenTelemetry in it': (f) => namespace.run(() => manager.with(one, f)),
  'run inside of one with': (f) => (manager.active() === one ? namespace.run(f) : manager.with(one, f)),
  'bound functions of OpenTelemetry': (f) => manager.bind(one, f)(),
  'with of OpenTelemetry, and a domain in it': (f) => manager.with(one, () => someDomain.run(f)),
  'listeners of an emitter that was added': () => emitter.emit('event'),
  'async functions': (f) => namespace.run(async () => { await f(); }).catch(() => {}), // prettier-ignore
};

const surroundings = { nothing: (call) => call(), 'with of OpenTelemetry': (call) => manager.with(two, call) };

process.on('warning', () => {});
// If not even a handler could be put on a promise.
process.on('unhandledRejection', () => {});

/** Calls a function; returns whether the stack has overflowed. */
function overflows(call) {
  try {
    call();
    return false;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return true;
  }
}

const wrong = new Set();

for (const [around, surround] of Object.entries(surroundings)) {
  for (const [what, call] of Object.entries(recursions)) {
    const f = () => call(f);
    const from = (depth) => (depth > 0 ? from(depth - 1) : f());
    for (let turn = 0; turn < TURNS; turn++) {
      let isOver = false;
      overflows(() => surround(() => (isOver = overflows(() => from(turn)))));
      if (!isOver && what !== 'async functions') wrong.add(`no overflow: ${what}`);
      if (manager.active() !== ROOT_CONTEXT) wrong.add(`a context of OpenTelemetry is left: ${what} in ${around}`);
      for (const [index, { active }] of [namespace, other].entries()) {
        if (active === outside[index]) continue;
        wrong.add(`a context is left: ${what} in ${around}`);
        while (outside[index].namespace.active !== outside[index]) outside[index].namespace.active.exit();
      }
    }
  }
}

setImmediate(() =>
  manager.with(one, () =>
    namespace.run(() => {
      namespace.set('id', 1);
      setImmediate(() => {
        assert.deepStrictEqual([manager.active() === one, namespace.get('id')], [true, 1]);
        console.log(JSON.stringify([...wrong]));
      });
    }),
  ),
);
