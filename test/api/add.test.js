'use strict';

const assert = require('node:assert');
const { EventEmitter, once, on } = require('node:events');
const http = require('node:http');
const { PassThrough, Readable } = require('node:stream');

const { createNamespace } = require('context');

const { assertActive } = require('../support/core-view');
const { mustCall } = require('../support/must-call');

const namespace = createNamespace('add');
const other = createNamespace('add.other');
const create = () => namespace.createContext();

describe('add', () => {
  for (const way of ['on', 'once', 'addListener', 'prependListener', 'prependOnceListener']) {
    it(`has listeners that are put on with ${way} run in the context`, () => {
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

    for (const remove of ['removeListener', 'off']) {
      it(`has ${remove} take off what ${way} put on, by the original function`, () => {
        const emitter = create().add(new EventEmitter());
        const listener = () => assert.fail('was not removed');
        emitter[way]('event', listener);
        emitter[remove]('event', listener);
        assert.strictEqual(emitter.listenerCount('event'), 0);
        assert.strictEqual(emitter.emit('event'), false);
      });
    }

    it(`has the emitter tell of what ${way} put on as it always does`, () => {
      const told = [new EventEmitter(), create().add(new EventEmitter())].map((emitter) => {
        const events = [];
        emitter.on('newListener', (type, listener) => events.push(['new', type, listener === listened || type]));
        emitter.on('removeListener', (type, listener) => events.push(['remove', type, listener === listened]));
        emitter[way]('event', listened);
        const raw = emitter.rawListeners('event').map((listener) => [listener === listened, listener.listener === listened]);
        const known = [emitter.listeners('event'), raw, emitter.eventNames(), emitter.listenerCount('event')];
        emitter.off('event', listened);
        return [events, known];
      });
      assert.deepStrictEqual(told[1], told[0]);
      function listened() {}
    });
  }

  it('keeps the order of listeners', () => {
    const seen = [];
    const emitter = create().add(new EventEmitter());
    emitter.on('event', () => seen.push(2));
    emitter.prependListener('event', () => seen.push(1));
    emitter.once('event', () => seen.push(3));
    emitter.emit('event');
    emitter.emit('event');
    assert.deepStrictEqual(seen, [1, 2, 3, 1, 2]);
  });

  it('leaves listeners alone that were there before', () => {
    const emitter = new EventEmitter();
    const before = namespace.active;
    emitter.on(
      'event',
      mustCall(() => assertActive(before)),
    );
    create().add(emitter);
    emitter.emit('event');
  });

  it('nests the context as it is when the emitter is added', () => {
    const [outer, context] = [create(), create()];
    outer.set('from', 'outer');
    const emitter = outer.run(() => context.add(new EventEmitter()));
    let seen;
    emitter.on('event', () => (seen = namespace.get('from')));
    emitter.emit('event');
    assert.strictEqual(seen, 'outer');
  });

  it('changes nothing the second time', () => {
    const [outer, context] = [create(), create()];
    outer.set('from', 'outer');
    const emitter = context.add(new EventEmitter());
    outer.run(() => context.add(emitter));
    let calls = 0;
    emitter.on('event', () => {
      calls++;
      assertActive(context);
      assert.strictEqual(namespace.get('from'), undefined);
    });
    emitter.emit('event');
    assert.strictEqual(calls, 1);
  });

  it('takes contexts of several namespaces', () => {
    const [a, b] = [create(), other.createContext()];
    const emitter = a.add(b.add(new EventEmitter()));
    let calls = 0;
    const listener = () => {
      calls++;
      assertActive(a);
      assertActive(b);
    };
    emitter.on('event', listener).once('event', listener);
    emitter.emit('event');
    assert.strictEqual(calls, 2);
    emitter.off('event', listener);
    assert.strictEqual(emitter.listenerCount('event'), 0);
    assertActive(namespace.active);
  });

  it('has the context of a namespace that was added last', () => {
    const [a, b] = [create(), create()];
    const emitter = a.add(new EventEmitter());
    emitter.on(
      'first',
      mustCall(() => assertActive(a)),
    );
    b.add(emitter);
    emitter.on(
      'second',
      mustCall(() => assertActive(b)),
    );
    emitter.emit('first');
    emitter.emit('second');
  });

  it('never emits end, and passes errors on', () => {
    const context = create();
    context.on('end', () => assert.fail('ended'));
    const emitter = context.add(new EventEmitter());
    emitter.on('event', () => {
      throw new Error('listener');
    });
    assert.throws(() => emitter.emit('event'), /listener/);
    assertActive(namespace.active);
  });

  it('takes off what a listener enters, and keeps what it enters in another namespace', () => {
    const [context, extra, there] = [create(), create(), other.createContext()];
    const outer = create();
    const emitter = context.add(new EventEmitter());
    let calls = 0;
    emitter.on('event', () => {
      calls++;
      extra.enter();
      there.enter();
    });
    outer.run(
      mustCall(() => {
        emitter.emit('event');
        assertActive(outer);
        assertActive(there);
        there.exit();
      }),
    );
    assert.strictEqual(calls, 1);
  });

  it('is a scope in each namespace whose context it was added to, also on a throw', () => {
    const [a, b] = [create(), other.createContext()];
    const [here, there] = [create(), other.createContext()];
    const emitter = a.add(b.add(new EventEmitter()));
    emitter.on('event', (change) => {
      change();
      throw new Error('listener');
    });
    const changes = [
      () => create().enter(),
      () => other.createContext().enter(),
      () => a.exit(),
      () => {
        b.exit();
        create().enter();
        other.createContext().enter();
      },
    ];
    here.run(() =>
      there.run(
        mustCall(() => {
          for (const change of changes) {
            assert.throws(() => emitter.emit('event', change), /listener/);
            assertActive(here);
            assertActive(there);
          }
        }),
      ),
    );
  });

  it('is a scope if its context is the active one already', () => {
    const context = create();
    const emitter = context.add(new EventEmitter());
    const inside = context.run(() => context.add(new EventEmitter()));
    for (const one of [emitter, inside])
      one.on(
        'event',
        mustCall(() => create().enter()),
      );
    context.run(
      mustCall(() => {
        for (const one of [emitter, inside]) {
          one.emit('event');
          assertActive(context);
        }
      }),
    );
  });

  it('works with the ways that the events module adds listeners', async () => {
    const context = create();
    const emitter = context.add(new EventEmitter());
    const awaited = once(emitter, 'event');
    const iterated = on(emitter, 'event').next();
    emitter.emit('event', 1);
    assert.deepStrictEqual(await awaited, [1]);
    assert.deepStrictEqual((await iterated).value, [1]);
  });

  it('works with streams, whose on does more', async () => {
    const context = create();
    const chunks = [];
    const stream = context.add(Readable.from(['a', 'b']));
    stream.on('data', (chunk) => {
      assertActive(context);
      chunks.push(chunk);
    });
    await once(stream, 'end');
    assert.deepStrictEqual(chunks, ['a', 'b']);
    const pass = context.add(new PassThrough());
    pass.end('text');
    let text = '';
    for await (const chunk of pass) text += chunk;
    assert.strictEqual(text, 'text');
  });

  it('keeps the context of a request whose body is read by a parser', async () => {
    const parse = (request, callback) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => callback(JSON.parse(body)));
    };
    const server = http.createServer((request, response) => {
      const context = create();
      context.run(() => {
        context.set('url', request.url);
        context.add(request);
        parse(request, (body) => response.end(JSON.stringify([namespace.get('url'), body])));
      });
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

  for (const value of [undefined, null, 1, 'text', {}, () => {}, { on() {} }, new EventTarget()]) {
    it(`refuses ${Object.prototype.toString.call(value)} ${typeof value}`, () => {
      assert.throws(() => create().add(value), {
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_TYPE',
        message: /^emitter must be/,
      });
    });
  }

  it('refuses a frozen emitter, and changes nothing', () => {
    const emitter = Object.freeze(new EventEmitter());
    assert.throws(() => create().add(emitter), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
    assert.deepStrictEqual(Reflect.ownKeys(emitter), Reflect.ownKeys(new EventEmitter()));
  });
});
