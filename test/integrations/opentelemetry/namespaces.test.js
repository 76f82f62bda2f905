'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');

const { createNamespace } = require('context');
const opentelemetry = require('context/opentelemetry');

const { ContextManager } = require('context/opentelemetry');

const key = createContextKey('namespaces');
const one = ROOT_CONTEXT.setValue(key, 'one');
const two = ROOT_CONTEXT.setValue(key, 'two');

describe('the entry point context/opentelemetry', () => {
  it('has the context manager, for require and for import', async () => {
    const imported = await import('context/opentelemetry');
    // Node.js 23 and later add 'module.exports' to what a CommonJS module exports.
    const names = Object.keys(imported).filter((name) => name !== 'module.exports');
    assert.deepStrictEqual(names.sort(), ['ContextManager', 'default']);
    assert.strictEqual(imported.default, opentelemetry);
    for (const { ContextManager: found } of [opentelemetry, imported]) assert.strictEqual(found, ContextManager);
  });
});

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

  it('have their own contexts active, whichever was entered last', async () => {
    const lookLater = async () => [look(), await nextTurn().then(look)];
    const both = ['one, inside', 'one, inside'];
    assert.deepStrictEqual(await manager.with(one, () => context.run(lookLater)), both);
    assert.deepStrictEqual(await context.run(() => manager.with(one, lookLater)), both);
    assert.deepStrictEqual(await context.run(() => manager.bind(one, lookLater)()), both);
    assert.strictEqual(look(), 'root, outside');
  });

  it('leave to each other what is entered and not left', () => {
    const entering = {
      with: () => manager.with(one, () => context.enter()),
      bind: () => manager.bind(one, () => context.enter())(),
      'a listener': () =>
        manager
          .bind(one, new EventEmitter())
          .on('event', () => context.enter())
          .emit('event'),
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

  it('leave to each other what is left inside', () => {
    context.run(() => {
      manager.with(one, () => context.exit());
      assert.strictEqual(look(), 'root, outside');
    });
  });

  it('leave each other alone if the manager is disabled', () => {
    context.run(() => {
      manager.with(one, () => {
        manager.disable();
        assert.strictEqual(look(), 'root, inside');
      });
      assert.strictEqual(look(), 'root, inside');
    });
  });

  it('share an emitter', () => {
    const emitter = context.add(manager.bind(one, new EventEmitter()));
    const seen = [];
    const listener = () => seen.push(look());
    emitter.on('event', listener).once('event', listener);
    manager.with(two, () => emitter.emit('event'));
    assert.deepStrictEqual(seen, ['one, inside', 'one, inside']);
    emitter.off('event', listener);
    assert.strictEqual(emitter.listenerCount('event'), 0);
  });
});
