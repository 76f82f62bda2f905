'use strict';

/**
 * What a program may do as often as it likes: each of these must take time in proportion to how often.
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {number} size how often it is done at first; it is measured with twice and four times as much too
 * @property {(size: number) => unknown} run does it, and checks that it has come out right. Returns a promise if it takes turns
 * @property {(size: number) => void} [prepare] what is not measured, done before
 * @property {string} [note] why it need not be linear: then it is shown only
 */

const assert = require('node:assert');
const { EventEmitter } = require('node:events');

const { createNamespace, destroyNamespace, stats } = require('context');

const namespacesOf = (size) => Array.from({ length: size }, (_, index) => createNamespace(`growth ${index}`));

/** Asserts that nothing is entered in some namespaces. */
function assertOutside(...namespaces) {
  for (const namespace of namespaces) assert.strictEqual(namespace.get('inside'), undefined);
}

/**
 * A loop whose every turn starts the next one in contexts of several kinds, one in another.
 *
 * @param {Array<(callback: () => void) => void>} kinds each calls its argument in a context of its own
 * @param {number} turns
 */
function loop(kinds, turns) {
  return new Promise((resolve, reject) => {
    let left = turns;
    const nest = (index) => {
      if (index < kinds.length) kinds[index](() => nest(index + 1));
      else setImmediate(poll);
    };
    const poll = () => {
      try {
        if (left-- > 0) nest(0);
        else resolve();
      } catch (error) {
        reject(error);
      }
    };
    poll();
  });
}

const namespaceKind = (name) => {
  const namespace = createNamespace(name);
  return (callback) => namespace.run(callback);
};

function openTelemetryKind() {
  const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');
  const manager = new (require('context/opentelemetry').ContextManager)();
  const key = createContextKey('growth');
  let number = 0;
  return (callback) => manager.with(ROOT_CONTEXT.setValue(key, number++), callback);
}

function domainKind() {
  const domain = require('context/domain');
  return (callback) => domain.create().run(callback);
}

/** A kind that runs a context of a namespace that has nothing to do with the loop. */
function aside(kind) {
  const nobody = createNamespace('nobody');
  const context = nobody.createContext();
  context.set('inside', true);
  return (callback) => {
    context.run(() => assert.strictEqual(nobody.active, context));
    assertOutside(nobody);
    kind(callback);
  };
}

const loops = {
  'a loop inside two namespaces': () => [namespaceKind('one'), namespaceKind('two')],
  'a loop inside two namespaces, and a third that is run aside': () => [aside(namespaceKind('one')), namespaceKind('two')],
  'a loop inside three namespaces': () => [namespaceKind('one'), namespaceKind('two'), namespaceKind('three')],
  'a loop inside a namespace and OpenTelemetry': () => [namespaceKind('one'), openTelemetryKind()],
  'a loop inside a namespace and a domain': () => [namespaceKind('one'), domainKind()],
  'a loop inside a namespace, OpenTelemetry and a domain': () => [namespaceKind('one'), openTelemetryKind(), domainKind()],
};

/** Enters as many contexts of a namespace, and returns them. */
function enterMany(namespace, size) {
  return Array.from({ length: size }, () => {
    const context = namespace.createContext();
    context.set('inside', true);
    context.enter();
    return context;
  });
}

/** @type {Case[]} */
const cases = [
  ...Object.entries(loops).map(([name, kindsOf]) => ({
    name,
    size: 5000,
    run: (size) => loop(kindsOf(), size),
  })),
  {
    name: 'contexts entered in one run, of another namespace',
    size: 5000,
    run(size) {
      const [around, trace] = ['around', 'trace'].map((name) => createNamespace(name));
      const context = around.createContext();
      let ends = 0;
      context.on('end', () => ends++);
      context.set('inside', true);
      context.run(() => enterMany(trace, size));
      assert.strictEqual(ends, 1);
      assertOutside(around);
      assert.strictEqual(trace.get('inside'), true);
    },
  },
  {
    name: 'contexts entered in one run, of its own namespace',
    size: 5000,
    run(size) {
      const namespace = createNamespace('own');
      let ends = 0;
      const context = namespace.createContext().on('end', () => ends++);
      context.run(() => enterMany(namespace, size));
      assert.strictEqual(ends, 1);
      assertOutside(namespace);
    },
  },
  {
    name: 'contexts entered, and exited innermost first',
    size: 5000,
    run(size) {
      const namespace = createNamespace('innermost first');
      for (const context of enterMany(namespace, size).reverse()) context.exit();
      assertOutside(namespace);
    },
  },
  {
    name: 'contexts entered, and exited outermost first',
    note: 'each exit rebuilds the frames on top: snapshots that were captured keep the old ones',
    size: 2000,
    run(size) {
      const namespace = createNamespace('outermost first');
      for (const context of enterMany(namespace, size)) context.exit();
      assertOutside(namespace);
    },
  },
  // One namespace is found among the active ones at 3 ns for each of them. That is not what these three are for, and would show with
  // thousands of them: a list that is made anew at each step shows with hundreds.
  {
    name: 'namespaces entered, and exited in the same order',
    size: 500,
    run(size) {
      const contexts = namespacesOf(size).map((namespace) => enterMany(namespace, 1)[0]);
      for (const context of contexts) context.exit();
      assertOutside(...contexts.map(({ namespace }) => namespace));
    },
  },
  {
    name: 'namespaces entered, and exited last one first',
    size: 500,
    run(size) {
      const contexts = namespacesOf(size).map((namespace) => enterMany(namespace, 1)[0]);
      for (const context of contexts.reverse()) context.exit();
      assertOutside(...contexts.map(({ namespace }) => namespace));
    },
  },
  {
    name: 'namespaces whose contexts one emitter was added to, 20 events',
    size: 500,
    run(size) {
      const emitter = new EventEmitter();
      const contexts = namespacesOf(size).map((namespace) => namespace.createContext());
      for (const context of contexts) context.add(emitter);
      let calls = 0;
      emitter.on('event', () => {
        calls++;
        assert.strictEqual(contexts[0].namespace.active, contexts[0]);
        assert.strictEqual(contexts.at(-1).namespace.active, contexts.at(-1));
      });
      for (let events = 0; events < 20; events++) emitter.emit('event');
      assert.strictEqual(calls, 20);
      for (const { namespace } of contexts) assert.notStrictEqual(namespace.active, contexts[0]);
    },
  },
  {
    name: 'namespaces destroyed, once process.namespaces was read',
    size: 1000,
    prepare(size) {
      assert.ok(Array.isArray(process.namespaces));
      namespacesOf(size);
    },
    run(size) {
      for (let index = 0; index < size; index++) assert.strictEqual(destroyNamespace(`growth ${index}`), true);
      assert.strictEqual(process.namespaces.length, 0);
    },
  },
  {
    name: 'listeners of an emitter, each put on it after it was added to a further namespace',
    size: 2000,
    run(size) {
      const [outside, ...namespaces] = namespacesOf(size + 1);
      const emitter = new EventEmitter().setMaxListeners(0);
      let calls = 0;
      for (const namespace of namespaces) {
        const context = namespace.createContext();
        context.add(emitter);
        emitter.on('event', () => (calls += namespace.active === context ? 1 : 0));
      }
      outside.run(() => emitter.emit('event'));
      assert.strictEqual(calls, size);
    },
  },
  {
    name: 'contexts in flight, while stats() is asked',
    size: 20_000,
    run(size) {
      const namespace = createNamespace('in flight');
      return Promise.all(
        Array.from({ length: size }, (_, index) =>
          namespace.run(() => {
            if (index % 1000 === 0) stats();
            return new Promise((resolve) => setImmediate(resolve));
          }),
        ),
      );
    },
  },
];

module.exports = { cases };
