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
  });
  const bindHere = () => namespace.bindEmitter(emitter);

  it('runs a listener in the context that was active where it was put on', () => {
    bindHere();
    const seen = [];
    const put = () => emitter.on('event', () => seen.push(namespace.active));
    const contexts = [namespace.run(put), namespace.run(put)];
    emitter.emit('event');
    namespace.run(() => emitter.emit('event'));
    assert.deepStrictEqual(seen, [...contexts, ...contexts]);
    assert.ok(seen.every((context, index) => context === contexts[index % 2]));
    assert.strictEqual(namespace.active, null);
  });

  it('binds what has the methods of an emitter mixed in, and what inherits from a bound one', () => {
    class Server extends EventEmitter {}
    const mixed = Object.assign(() => {}, EventEmitter.prototype);
    const heir = Object.create(emitter);
    for (const bound of [mixed, emitter, Server.prototype]) namespace.bindEmitter(bound);
    for (const target of [mixed, heir, new Server()]) {
      const seen = [];
      const listener = () => seen.push(namespace.active);
      const context = namespace.run(() => target.on('event', listener));
      target.emit('event');
      assert.strictEqual(seen.length, 1);
      assert.strictEqual(seen[0], context);
      target.removeListener('event', listener);
      target.emit('event');
      assert.strictEqual(seen.length, 1);
    }
  });

  it('binds those of on, addListener and once', () => {
    bindHere();
    const seen = [];
    const context = namespace.run(() => {
      for (const method of ['on', 'addListener', 'once']) {
        emitter[method]('event', () => seen.push([method, namespace.active]));
      }
    });
    emitter.emit('event');
    emitter.emit('event');
    assert.deepStrictEqual(
      seen.map(([method]) => method),
      ['on', 'addListener', 'once', 'on', 'addListener'],
    );
    assert.ok(seen.every(([, active]) => active === context));
    assert.strictEqual(emitter.listenerCount('event'), 2);
  });

  it('leaves listeners alone that were there before', () => {
    let seen;
    namespace.run(() => {
      emitter.on('event', () => {
        seen = namespace.active;
      });
      bindHere();
    });
    emitter.emit('event');
    assert.strictEqual(seen, null);
  });

  it('runs a listener that was put on outside of contexts in that of the one who emits, else in a new one', () => {
    bindHere();
    const seen = [];
    emitter.on('event', () => seen.push(namespace.active));
    const context = namespace.run(() => emitter.emit('event'));
    emitter.emit('event');
    emitter.emit('event');
    assert.strictEqual(seen[0], context);
    assert.ok(seen[1] !== null && seen[1] !== seen[2]);
    assert.strictEqual(namespace.active, null);
  });

  it('has the values of the contexts of several namespaces', () => {
    const other = newNamespace();
    bindHere();
    other.bindEmitter(emitter);
    let seen;
    namespace.run(() => {
      namespace.set('key', 1);
      other.run(() => {
        other.set('key', 2);
        emitter.on('event', () => {
          seen = [namespace.get('key'), other.get('key')];
        });
      });
    });
    emitter.emit('event');
    assert.deepStrictEqual(seen, [1, 2]);
  });

  it('can be called again', () => {
    bindHere();
    let calls = 0;
    const context = namespace.run(() => {
      bindHere();
      emitter.on('event', () => {
        calls++;
        assert.strictEqual(namespace.active, context);
      });
    });
    emitter.emit('event');
    assert.strictEqual(calls, 1);
  });

  it('passes this and the arguments, and what emit returns', () => {
    bindHere();
    let seen;
    namespace.run(() => {
      emitter.on('event', function (...args) {
        seen = [this, ...args];
      });
    });
    assert.strictEqual(emitter.emit('event', 1, 2), true);
    assert.deepStrictEqual(seen, [emitter, 1, 2]);
    assert.strictEqual(emitter.emit('other'), false);
    assert.strictEqual(namespace.run(() => emitter.on('event', () => {})) && emitter.off('other', () => {}), emitter);
  });

  it('leaves it to the emitter to remove, to count and to list listeners', () => {
    bindHere();
    const [one, two] = [() => {}, () => {}];
    namespace.run(() => {
      emitter.on('event', one);
      emitter.once('event', two);
      emitter.on('event', one);
    });
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
    bindHere();
    const calls = [];
    const one = () => {
      calls.push('one');
      emitter.removeListener('event', one);
      emitter.removeListener('event', two);
    };
    const two = () => calls.push('two');
    namespace.run(() => emitter.on('event', one).on('event', two));
    emitter.emit('event');
    emitter.emit('event');
    assert.deepStrictEqual(calls, ['one', 'two']);
    assert.strictEqual(emitter.listenerCount('event'), 0);
  });

  it('lets a listener emit', () => {
    bindHere();
    const seen = [];
    const inner = namespace.run(() => emitter.on('inner', () => seen.push(namespace.active)));
    const outer = namespace.run(() => {
      emitter.on('outer', () => {
        emitter.emit('inner');
        seen.push(namespace.active);
      });
    });
    emitter.emit('outer');
    assert.strictEqual(seen[0], inner);
    assert.strictEqual(seen[1], outer);
  });

  it('leaves the context of a listener that throws, and writes it on the error', () => {
    bindHere();
    const error = new Error('thrown');
    const context = namespace.run(() => {
      emitter.on('event', () => {
        throw error;
      });
    });
    assert.throws(() => emitter.emit('event'), error);
    assert.strictEqual(namespace.active, null);
    assert.strictEqual(namespace.fromException(error), context);
    assert.throws(() => emitter.emit('event'), error);
    assert.throws(() => emitter.on('event', 'no function'), TypeError);
    assert.throws(() => emitter.emit('error', error), error);
  });

  it('works with streams', async () => {
    const stream = new Readable({ read() {} });
    namespace.bindEmitter(stream);
    const context = namespace.createContext();
    const chunks = [];
    const ended = new Promise((resolve) => {
      namespace.bind(() => {
        stream.on('data', (chunk) => chunks.push([String(chunk), namespace.active === context]));
        stream.on('end', () => resolve(namespace.active));
      }, context)();
    });
    namespace.run(() => stream.push('text'));
    stream.push(null);
    assert.strictEqual(await ended, context);
    assert.deepStrictEqual(chunks, [['text', true]]);
  });

  it('marks what it has bound, as emitter-listener does', () => {
    assert.ok(!emitter.on.__wrapped);
    bindHere();
    for (const method of ['on', 'addListener', 'emit']) assert.ok(emitter[method].__wrapped, method);
    assert.deepStrictEqual(Object.keys(emitter), Object.keys(new EventEmitter()));
  });

  it('takes nothing but emitters', () => {
    assert.throws(() => namespace.bindEmitter({}), { code: 'ERR_ASSERTION' });
    assert.throws(() => namespace.bindEmitter({ on() {}, emit() {} }), { code: 'ERR_ASSERTION' });
    assert.throws(() => namespace.bindEmitter(undefined), TypeError);
  });
});
