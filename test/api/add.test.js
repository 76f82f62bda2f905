'use strict';

const assert = require('node:assert');
const { EventEmitter, once, on } = require('node:events');
const http = require('node:http');
const { PassThrough, Readable } = require('node:stream');

const { createNamespace } = require('context');

const { assertSame, thrower } = require('../support/contexts');
const { assertActive } = require('../support/core-view');
const { mustCall } = require('../support/must-call');

const namespace = createNamespace('add');
const other = createNamespace('add.other');
const create = () => namespace.createContext();

describe('add', () => {
  for (const way of ['on', 'once', 'addListener', 'prependListener', 'prependOnceListener']) {
    it(`has listeners that ${way} adds run in the context, and the emitter has all else as ever`, () => {
      const context = create();
      const emitter = new EventEmitter();
      assert.strictEqual(context.add(emitter), emitter);
      const seen = [];
      const listener = function (...args) {
        assertActive(context);
        seen.push(this === emitter, ...args);
      };
      assert.strictEqual(emitter[way]('event', listener), emitter);
      assert.strictEqual(emitter.listenerCount('event'), 1);
      create().run(() => emitter.emit('event', 1, 2));
      assert.deepStrictEqual(seen, [true, 1, 2]);
      assert.strictEqual(emitter.listenerCount('event'), way.toLowerCase().includes('once') ? 0 : 1);
    });

    it(`has the emitter show what ${way} added as it always does, and remove it by the original function`, () => {
      const results = [new EventEmitter(), create().add(new EventEmitter())].flatMap((emitter) =>
        ['off', 'removeListener'].map((remove) => {
          const events = [];
          const listener = () => assert.fail('was not removed');
          emitter.on('newListener', (type, added) => events.push(['new', type, added === listener || type]));
          emitter.on('removeListener', (type, removed) => events.push(['remove', type, removed === listener]));
          emitter[way]('event', listener);
          const raw = emitter.rawListeners('event').map((each) => [each === listener, each.listener === listener]);
          assertSame(emitter.listeners('event'), [listener]);
          events.push(raw, emitter.eventNames(), emitter.listenerCount('event'));
          emitter[remove]('event', listener);
          events.push(emitter.emit('event'), emitter.listenerCount('event'));
          emitter.removeAllListeners();
          return events;
        }),
      );
      for (const result of results) assert.deepStrictEqual(result, results[0]);
    });
  }

  it('keeps the order of listeners, and leaves those alone that were there before', () => {
    const seen = [];
    const before = namespace.active;
    const emitter = new EventEmitter().on('event', () => seen.push(namespace.active === before));
    create().add(emitter);
    emitter.on('event', () => seen.push(2)).prependListener('event', () => seen.push(1));
    emitter.once('event', () => seen.push(3));
    emitter.emit('event');
    emitter.emit('event');
    assert.deepStrictEqual(seen, [1, true, 2, 3, 1, true, 2]);
  });

  it('nests the context as it is when the emitter is added, for the first time', () => {
    const [first, second, context] = ['first', 'second', 'own'].map((from) => namespace.createContext({ [from]: from }));
    const emitter = first.run(() => context.add(new EventEmitter()));
    second.run(() => context.add(emitter));
    const seen = [];
    emitter.on('event', () => seen.push(namespace.active, ...['first', 'second', 'own'].map((key) => namespace.get(key))));
    emitter.emit('event');
    assertSame(seen, [context, 'first', undefined, 'own']);
  });

  it('has listeners run in contexts of several namespaces, of one in that which was added last', () => {
    const [a, c, b] = [create(), create(), other.createContext()];
    const emitter = a.add(b.add(new EventEmitter()));
    const seen = [];
    const listener = () => seen.push(namespace.active, other.active);
    emitter.on('event', listener).once('event', listener);
    emitter.emit('event');
    c.add(emitter);
    emitter.on('second', listener);
    emitter.emit('second');
    assertSame(seen, [a, b, a, b, c, b]);
    emitter.off('event', listener);
    assert.strictEqual(emitter.listenerCount('event'), 0);
  });

  it('is a scope in each namespace whose context it was added to, on a throw too, in no other, and emits no end', () => {
    const third = createNamespace('add.third');
    const [here, there, kept, active] = [create(), other.createContext(), third.createContext(), create()];
    const [a, b] = [create(), other.createContext()].map((one) => one.on('end', () => assert.fail('ended')));
    const enterAll = () => [create(), other.createContext()].forEach((context) => context.enter());
    const changes = [
      enterAll,
      () => a.exit(),
      () => {
        b.exit();
        enterAll();
      },
    ];
    const emitter = a.add(b.add(new EventEmitter())).on('event', (change) => change());
    emitter.on('event', thrower('listener'));
    const check = () => {
      for (const change of changes) {
        assert.throws(() => emitter.emit('event', change), /listener/);
        [here, there].forEach(assertActive);
      }
      emitter.once('kept', () => kept.enter()).emit('kept');
      assertActive(kept);
      kept.exit();
    };
    here.run(() => there.run(mustCall(check)));
    // Also if its context is the active one already.
    active.run(() => {
      for (const one of [active.add(new EventEmitter()), here.run(() => active.add(new EventEmitter()))]) {
        one.on('event', mustCall(enterAll)).emit('event');
        assertActive(active);
        other.active.exit();
      }
    });
  });

  it('works with the ways that the events module adds listeners, and with streams', async () => {
    const context = create();
    const emitter = context.add(new EventEmitter());
    const [awaited, iterated] = [once(emitter, 'event'), on(emitter, 'event').next()];
    emitter.emit('event', 1);
    assert.deepStrictEqual([await awaited, (await iterated).value], [[1], [1]]);
    const chunks = [];
    const stream = context.add(Readable.from(['a', 'b'])).on('data', (chunk) => chunks.push(chunk, namespace.active));
    await once(stream, 'end');
    assertSame(chunks, ['a', context, 'b', context]);
    const pass = context.add(new PassThrough());
    pass.end('text');
    assert.deepStrictEqual(await pass.toArray(), [Buffer.from('text')]);
  });

  it('keeps the context of a request whose body is read by a parser', async () => {
    const parse = (request, callback) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => callback(JSON.parse(body)));
    };
    const server = http.createServer((request, response) => {
      const context = namespace.createContext({ url: request.url });
      context.add(request);
      parse(request, (body) => response.end(JSON.stringify([namespace.get('url'), body])));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const post = async (i) => {
      const url = `http://127.0.0.1:${server.address().port}/${i}`;
      const response = await fetch(url, { method: 'POST', body: JSON.stringify({ i }) });
      assert.deepStrictEqual(await response.json(), [`/${i}`, { i }]);
    };
    await Promise.all(Array.from({ length: 20 }, (_, i) => post(i)));
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it('leaves wrong listeners to the emitter to refuse', () => {
    const emitter = create().add(new EventEmitter());
    for (const way of ['on', 'once']) {
      assert.throws(() => emitter[way]('event', 'no function'), { code: 'ERR_INVALID_ARG_TYPE' });
    }
  });

  it('refuses a frozen emitter, and changes nothing', () => {
    const emitter = Object.freeze(new EventEmitter());
    assert.throws(() => create().add(emitter), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
    assert.deepStrictEqual(Reflect.ownKeys(emitter), Reflect.ownKeys(new EventEmitter()));
  });
});
