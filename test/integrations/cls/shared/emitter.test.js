'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');
const { Readable } = require('node:stream');

const { newNamespace } = require('./library');

describe('cls: bindEmitter', () => {
  let namespace;
  let emitter;
  beforeEach(() => {
    namespace = newNamespace();
    emitter = new EventEmitter();
    namespace.bindEmitter(emitter);
  });
  afterEach(() => assert.strictEqual(namespace.active, null));

  it('runs a listener in the context that was active where it was put on', () => {
    const seen = [];
    const put = () => emitter.on('event', () => seen.push(namespace.active));
    const contexts = [namespace.run(put), namespace.run(put)];
    emitter.emit('event');
    namespace.run(() => emitter.emit('event'));
    assert.deepStrictEqual(seen, [...contexts, ...contexts]);
    assert.ok(seen.every((context, index) => context === contexts[index % 2]));
  });

  it('binds what has the methods of an emitter mixed in, and what inherits from a bound one', () => {
    class Server extends EventEmitter {}
    const mixed = Object.assign(() => {}, EventEmitter.prototype);
    for (const bound of [mixed, Server.prototype]) namespace.bindEmitter(bound);
    for (const target of [mixed, Object.create(emitter), new Server()]) {
      const seen = [];
      const listener = () => seen.push(namespace.active);
      const context = namespace.run(() => target.on('event', listener));
      target.emit('event');
      target.removeListener('event', listener);
      target.emit('event');
      assert.ok(seen.length === 1 && seen[0] === context);
    }
  });

  it('binds those of on, addListener and once', () => {
    const seen = [];
    const context = namespace.run(() => {
      for (const method of ['on', 'addListener', 'once']) {
        emitter[method]('event', () => seen.push([method, namespace.active === context]));
      }
    });
    for (let i = 0; i < 2; i++) emitter.emit('event');
    assert.deepStrictEqual(
      seen,
      ['on', 'addListener', 'once', 'on', 'addListener'].map((method) => [method, true]),
    );
    assert.strictEqual(emitter.listenerCount('event'), 2);
  });

  it('leaves listeners alone that were there before', () => {
    const other = new EventEmitter();
    const seen = [];
    namespace.run(() => {
      other.on('event', () => seen.push(namespace.active));
      namespace.bindEmitter(other);
    });
    other.emit('event');
    assert.deepStrictEqual(seen, [null]);
  });

  it('runs a listener that was put on outside of contexts in that of the caller of emit, else in a new one', () => {
    const seen = [];
    emitter.on('event', () => seen.push(namespace.active));
    const context = namespace.run(() => emitter.emit('event'));
    for (let i = 0; i < 2; i++) emitter.emit('event');
    assert.strictEqual(seen[0], context);
    assert.ok(seen[1] !== null && seen[1] !== seen[2]);
  });

  it('can be called again, and has the values of the contexts of several namespaces', () => {
    const other = newNamespace();
    other.bindEmitter(emitter);
    const seen = [];
    namespace.run(() => {
      namespace.bindEmitter(emitter);
      namespace.set('key', 1);
      other.run(() => {
        other.set('key', 2);
        emitter.on('event', () => seen.push(namespace.get('key'), other.get('key')));
      });
    });
    emitter.emit('event');
    assert.deepStrictEqual(seen, [1, 2]);
  });

  it('passes this and the arguments, and what the methods return', () => {
    const seen = [];
    namespace.run(() => {
      emitter.on('event', function (...args) {
        seen.push(this === emitter, ...args);
      });
    });
    assert.strictEqual(emitter.emit('event', 1, 2), true);
    assert.deepStrictEqual(seen, [true, 1, 2]);
    assert.strictEqual(emitter.emit('other'), false);
    const on = namespace.run(() =>
      assert.strictEqual(
        emitter.on('event', () => {}),
        emitter,
      ),
    );
    assert.ok(on && emitter.off('other', () => {}) === emitter);
  });

  it('leaves it to the emitter to remove, to count and to list listeners', () => {
    const [one, two] = [() => {}, () => {}];
    namespace.run(() => emitter.on('event', one).once('event', two).on('event', one));
    assert.deepStrictEqual(emitter.listeners('event'), [one, two, one]);
    assert.strictEqual(emitter.rawListeners('event')[0], one);
    assert.strictEqual(emitter.listenerCount('event'), 3);
    emitter.removeListener('event', one);
    assert.deepStrictEqual(emitter.listeners('event'), [one, two]);
    emitter.off('event', two);
    assert.deepStrictEqual(emitter.listeners('event'), [one]);
    emitter.removeAllListeners('event');
    assert.strictEqual(emitter.listenerCount('event'), 0);
  });

  it('lets listeners remove themselves and others while they run', () => {
    const calls = [];
    const one = () => {
      calls.push('one');
      for (const listener of [one, two]) emitter.removeListener('event', listener);
    };
    const two = () => calls.push('two');
    namespace.run(() => emitter.on('event', one).on('event', two));
    for (let i = 0; i < 2; i++) emitter.emit('event');
    assert.deepStrictEqual(calls, ['one', 'two']);
    assert.strictEqual(emitter.listenerCount('event'), 0);
  });

  it('lets a listener emit', () => {
    const seen = [];
    const look = () => seen.push(namespace.active);
    const inner = namespace.run(() => emitter.on('inner', look));
    const outer = namespace.run(() => emitter.on('outer', () => emitter.emit('inner') && look()));
    emitter.emit('outer');
    assert.ok(seen[0] === inner && seen[1] === outer);
  });

  it('leaves the context of a listener that throws, and writes it on the error', () => {
    const error = new Error('thrown');
    const fail = () => {
      throw error;
    };
    const context = namespace.run(() => emitter.on('event', fail));
    for (let i = 0; i < 2; i++) {
      assert.throws(() => emitter.emit('event'), error);
      assert.strictEqual(namespace.active, null);
      assert.strictEqual(namespace.fromException(error), context);
    }
    assert.throws(() => emitter.on('event', 'no function'), TypeError);
    assert.throws(() => emitter.emit('error', error), error);
  });

  it('works with streams', async () => {
    const stream = new Readable({ read() {} });
    namespace.bindEmitter(stream);
    const context = namespace.createContext();
    const chunks = [];
    const listen = namespace.bind((resolve) => {
      stream.on('data', (chunk) => chunks.push([String(chunk), namespace.active === context]));
      stream.on('end', () => resolve(namespace.active));
    }, context);
    const ended = new Promise(listen);
    namespace.run(() => stream.push('text'));
    stream.push(null);
    assert.strictEqual(await ended, context);
    assert.deepStrictEqual(chunks, [['text', true]]);
  });

  it('marks what it has bound, as emitter-listener does', () => {
    assert.ok(!new EventEmitter().on.__wrapped);
    for (const method of ['on', 'addListener', 'emit']) assert.ok(emitter[method].__wrapped, method);
    assert.deepStrictEqual(Object.keys(emitter), Object.keys(new EventEmitter()));
  });

  it('throws for anything but emitters', () => {
    for (const other of [{}, { on() {}, emit() {} }]) {
      assert.throws(() => namespace.bindEmitter(other), { code: 'ERR_ASSERTION' });
    }
    assert.throws(() => namespace.bindEmitter(undefined), TypeError);
  });
});
