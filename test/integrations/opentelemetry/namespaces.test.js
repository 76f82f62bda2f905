'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');

const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');

const { createNamespace } = require('context');
const { ContextManager } = require('context/opentelemetry');

const key = createContextKey('namespaces');
const one = ROOT_CONTEXT.setValue(key, 'one');
const two = ROOT_CONTEXT.setValue(key, 'two');

describe('an OpenTelemetry context manager and a namespace', () => {
  const namespace = createNamespace('opentelemetry.namespaces');
  let context;
  let manager;

  beforeEach(() => {
    manager = new ContextManager();
    context = namespace.createContext();
    context.set('name', 'inside');
  });

  /** What is active in both. */
  const look = () => `${manager.active().getValue(key) ?? 'root'}, ${namespace.get('name') ?? 'outside'}`;

  it('leave to each other what is entered and not left', () => {
    const entering = {
      with: () => manager.with(one, () => context.enter()),
      bind: () => manager.bind(one, () => context.enter())(),
      'a listener': () => {
        const emitter = manager.bind(one, new EventEmitter());
        emitter.on('event', () => context.enter()).emit('event');
      },
    };
    for (const [name, enter] of Object.entries(entering)) {
      manager.with(two, () => {
        enter();
        assert.strictEqual(look(), 'two, inside', name);
        context.exit();
        assert.strictEqual(look(), 'two, outside', name);
      });
    }
    const token = context.run(() => manager.attach(one));
    assert.strictEqual(look(), 'one, outside');
    context.run(() => {
      token.dispose();
      assert.strictEqual(look(), 'root, inside');
    });
  });

  it('leave to each other what is left inside, or disabled', () => {
    context.run(() => {
      manager.with(one, () => {
        manager.disable();
        assert.strictEqual(look(), 'root, inside');
      });
      assert.strictEqual(look(), 'root, inside');
      manager.with(one, () => context.exit());
      assert.strictEqual(look(), 'root, outside');
    });
  });
});

describe('a function that an OpenTelemetry context manager binds', () => {
  const [first, second] = ['first', 'second'].map((name) => createNamespace(`opentelemetry.bind.${name}`));
  const manager = new ContextManager();

  it('is in what was active in all namespaces, in the callbacks of a pool', async () => {
    const queue = [];
    const query = (callback) => queue.push(callback) === 1 && setImmediate(() => queue.splice(0).forEach((each) => each()));
    const ask = (_, id) =>
      first.run(() =>
        second.run(() => {
          for (const namespace of [first, second]) namespace.set('id', id);
          const isRight = () => [first, second].every((each) => each.get('id') === id);
          // As the instrumentations of pg, mysql2 and redis do.
          return new Promise((resolve) => query(manager.bind(manager.active(), () => resolve(isRight()))));
        }),
      );
    const right = await Promise.all(Array.from({ length: 100 }, ask));
    assert.deepStrictEqual(right, new Array(100).fill(true));
  });

  it('leaves to its caller what was not active, and what is inside of what was', () => {
    const [outer, inner, stranger] = [1, 2, 3].map(() => first.createContext());
    const there = second.createContext();
    const next = outer.run(() => manager.bind(one, () => [first.active, second.active, manager.active()]));
    const seen = outer.run(() => inner.run(() => there.run(next)));
    assert.ok(seen[0] === inner && seen[1] === there && seen[2] === one);
    const others = stranger.run(() => there.run(next));
    assert.ok(others[0] === outer && others[1] === there && others[2] === one);
  });

  it('gives its caller back what was active there, also on a throw', () => {
    const [context, stranger] = [first.createContext(), first.createContext()];
    const bound = context.run(() =>
      manager.bind(one, () => {
        first.createContext().enter();
        throw new Error('thrown');
      }),
    );
    const after = stranger.run(() => {
      assert.throws(bound, /thrown/);
      return [first.active, manager.active()];
    });
    assert.ok(after[0] === stranger && after[1] === ROOT_CONTEXT);
  });
});
