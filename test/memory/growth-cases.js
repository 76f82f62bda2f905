'use strict';

/**
 * What a program may do as often as it likes: each of these must take time in proportion to how often. `growth-cases.js <index> <size>` runs one
 * and prints the processor time that it needed, in milliseconds; other programs that keep the machine busy do not count in it.
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {number} size how often it is done at first; it is measured with twice and four times as much too
 * @property {(size: number) => unknown} run does it, and checks that it has come out right. Returns a promise if it is asynchronous
 * @property {(size: number) => void} [prepare] what is not measured, done before
 * @property {string} [note] why it need not be linear: then it is shown only
 */

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const { EventEmitter } = require('node:events');
const { promisify } = require('node:util');

const { createNamespace, destroyNamespace, stats } = require('context');

const namespacesOf = (size) => Array.from({ length: size }, (_, index) => createNamespace(`growth ${index}`));

/** Asserts that nothing is entered in some namespaces. */
function assertOutside(...namespaces) {
  for (const namespace of namespaces) assert.strictEqual(namespace.get('inside'), undefined);
}

/** A loop whose every turn starts the next one in contexts of several kinds, one in another: each calls its argument in one of its own. */
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

const domainKind = () => (callback) => require('context/domain').create().run(callback);

/** A kind that runs a context of a namespace that has nothing to do with the loop. */
function aside(kind) {
  const nobody = createNamespace('nobody');
  const context = nobody.createContext({ inside: true });
  return (callback) => {
    context.run(() => assert.strictEqual(nobody.active, context));
    assertOutside(nobody);
    kind(callback);
  };
}

/** Enters as many contexts of a namespace, and returns them. */
function enterMany(namespace, size) {
  return Array.from({ length: size }, () => {
    const context = namespace.createContext({ inside: true });
    context.enter();
    return context;
  });
}

/** Enters many contexts within a run of another one, which must end once. */
function enterInside(around, namespace, size) {
  let ends = 0;
  const context = around.createContext({ inside: true }).on('end', () => ends++);
  context.run(() => enterMany(namespace, size));
  assert.strictEqual(ends, 1);
  assertOutside(around);
}

function exitAll(contexts) {
  for (const context of contexts) context.exit();
  assertOutside(...new Set(contexts.map(({ namespace }) => namespace)));
}

const enterEach = (size) => namespacesOf(size).map((namespace) => enterMany(namespace, 1)[0]);

/** Has an emitter emit to a listener that must see all of the contexts that it was added to. */
function emitToMany(size) {
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
}

/** Puts a listener on an emitter after each namespace that it is added to, and emits outside all of them. */
function addBetweenListeners(size) {
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
}

function destroyMany(size) {
  for (let index = 0; index < size; index++) assert.strictEqual(destroyNamespace(`growth ${index}`), true);
  assert.strictEqual(process.namespaces.length, 0);
}

function fly(size) {
  const namespace = createNamespace('in flight');
  const start = (index) => {
    if (index % 1000 === 0) stats();
    return new Promise((resolve) => setImmediate(resolve));
  };
  return Promise.all(Array.from({ length: size }, (_, index) => namespace.run(() => start(index))));
}

const [one, two, three] = ['one', 'two', 'three'].map((name) => () => namespaceKind(name));
const makeAll = (kinds) => kinds.map((make) => make());
const looped = (name, ...kinds) => ({ name, size: 5000, run: (size) => loop(makeAll(kinds), size) });
const rebuilds = 'each exit rebuilds the frames on top: snapshots that were captured keep the old ones';

/** @type {Case[]} */
const cases = [
  looped('a loop inside two namespaces', one, two),
  looped('a loop inside two namespaces, and a third that is run aside', () => aside(one()), two),
  looped('a loop inside three namespaces', one, two, three),
  looped('a loop inside a namespace and OpenTelemetry', one, openTelemetryKind),
  looped('a loop inside a namespace and a domain', one, domainKind),
  looped('a loop inside a namespace, OpenTelemetry and a domain', one, openTelemetryKind, domainKind),
  {
    name: 'contexts entered in one run, of another namespace',
    size: 5000,
    run(size) {
      const trace = createNamespace('trace');
      enterInside(createNamespace('around'), trace, size);
      assert.strictEqual(trace.get('inside'), true);
    },
  },
  {
    name: 'contexts entered in one run, of its own namespace',
    size: 5000,
    run(size) {
      const own = createNamespace('own');
      enterInside(own, own, size);
    },
  },
  {
    name: 'contexts entered, and exited innermost first',
    size: 5000,
    run: (size) => exitAll(enterMany(createNamespace('innermost first'), size).reverse()),
  },
  {
    name: 'contexts entered, and exited outermost first',
    note: rebuilds,
    size: 2000,
    run: (size) => exitAll(enterMany(createNamespace('outermost first'), size)),
  },
  // One namespace is found among the active ones at 3 ns for each of them. That is not what these three are for, and would show with
  // thousands of them: a list that is made anew at each step shows with hundreds.
  { name: 'namespaces entered, and exited in the same order', size: 500, run: (size) => exitAll(enterEach(size)) },
  { name: 'namespaces entered, and exited last one first', size: 500, run: (size) => exitAll(enterEach(size).reverse()) },
  { name: 'namespaces whose contexts one emitter was added to, 20 events', size: 500, run: emitToMany },
  {
    name: 'listeners of an emitter, each put on it after it was added to a further namespace',
    size: 2000,
    run: addBetweenListeners,
  },
  {
    name: 'namespaces destroyed, once process.namespaces was read',
    size: 1000,
    prepare(size) {
      assert.ok(Array.isArray(process.namespaces));
      namespacesOf(size);
    },
    run: destroyMany,
  },
  { name: 'contexts in flight, while stats() is asked', size: 20_000, run: fly },
];

/** How long one process may take, in milliseconds: what is linear takes well below a second. */
const TIMEOUT = 60_000;

/**
 * Measures a case with some times its size, each in a few rounds of which the least counts. Resolves to `{ size, time, error }` for each
 * factor: the processor time in milliseconds, or why there is none.
 */
async function measure(index, { factors = [1, 2, 4], rounds = 1 } = {}) {
  const results = [];
  for (const factor of factors) {
    const result = { size: factor * cases[index].size, time: undefined };
    for (let round = 0; round < rounds && result.error === undefined; round++) {
      const args = [__filename, String(index), String(result.size)];
      try {
        const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: TIMEOUT });
        result.time = Math.min(result.time ?? Infinity, Number(stdout));
      } catch ({ killed, stderr }) {
        result.error = killed ? `takes longer than ${TIMEOUT / 1000} s` : /^\S*Error.*/m.exec(stderr)?.[0];
      }
    }
    results.push(result);
  }
  return results;
}

async function main([index, size]) {
  // About contexts that are nested deeply.
  process.on('warning', () => {});
  const { prepare, run } = cases[index];
  prepare?.(Number(size));
  const before = process.cpuUsage();
  await run(Number(size));
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(String((user + system) / 1000));
}

if (require.main === module) main(process.argv.slice(2));

module.exports = { cases, measure };
