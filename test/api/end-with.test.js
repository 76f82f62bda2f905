'use strict';

const assert = require('node:assert');
const { EventEmitter, once } = require('node:events');
const http = require('node:http');
const http2 = require('node:http2');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace } = require('context');

const { linesOf } = require('../support/child');
const { watchCollection } = require('../support/collected');
const contexts = require('../support/contexts');
const { assertActive } = require('../support/core-view');
const { mustCall } = require('../support/must-call');

const { assertSame } = contexts;
const namespace = createNamespace('end-with');
const other = createNamespace('end-with.other');
const create = () => namespace.createContext();
const counted = () => contexts.counted(namespace);

describe('endWith', () => {
  it('waits for all targets, each of which counts once, also if one is over before', async () => {
    const { context, ends } = counted();
    const [a, b] = [new EventEmitter(), new EventEmitter()];
    context.endWith(AbortSignal.abort()).endWith(a).endWith(b).endWith(a);
    a.emit('close');
    a.emit('close');
    await nextTurn();
    assert.deepStrictEqual(ends, []);
    b.emit('close');
    assert.strictEqual(ends.length, 1);
  });

  it('leaves it to end() to end at once, and the targets no longer matter', async () => {
    const { context, ends } = counted();
    const emitter = new EventEmitter();
    context.endWith(emitter);
    context.on('end', () => emitter.emit('close'));
    for (let times = 0; times < 2; times++) {
      context.end();
      assert.deepStrictEqual([ends.length, context.ended], [1, true]);
    }
    emitter.emit('close');
    await nextTurn();
    assert.strictEqual(ends.length, 1);
  });

  it('holds for calls that have begun, also async ones', async () => {
    const { context, ends } = counted();
    const emitter = new EventEmitter();
    await context.run(async () => {
      await null;
      context.endWith(emitter);
    });
    await nextTurn();
    assert.deepStrictEqual(ends, []);
    emitter.emit('close');
    assert.strictEqual(ends.length, 1);
  });

  it('emits end in the context, nested as it was then in all namespaces, and leaves what its listener enters', () => {
    const [outer, top, stranger, there] = [create(), create(), create(), other.createContext()];
    outer.set('id', 1);
    top.set('id', 2);
    for (const end of [(emitter) => emitter.emit('close'), (_, context) => context.end()]) {
      const [context, emitter] = [create(), new EventEmitter()];
      const listener = () => {
        [context, there].forEach(assertActive);
        assert.strictEqual(namespace.get('id'), 1);
        context.exit();
        assertActive(outer);
        create().enter();
        other.createContext().enter();
      };
      context.on('end', mustCall(listener));
      there.run(() => outer.run(() => context.run(() => top.run(() => context.endWith(emitter)))));
      stranger.run(() => {
        end(emitter, context);
        assertActive(stranger);
      });
    }
  });

  it('emits end in the context on top of what is active where it is called, if the context is not active there', () => {
    const [outer, emitter] = [create(), new EventEmitter()];
    outer.set('id', 1);
    const { context, ends } = counted();
    context.on(
      'end',
      mustCall(() => assert.strictEqual(namespace.get('id'), 1)),
    );
    outer.run(() => context.endWith(emitter));
    emitter.emit('close');
    assertSame(ends, [context]);
  });

  it('ends many contexts with one target, with one listener', () => {
    const emitter = new EventEmitter();
    const all = Array.from({ length: 1000 }, counted);
    for (const { context } of all) context.endWith(emitter);
    assert.strictEqual(emitter.listenerCount('close'), 1);
    emitter.emit('close');
    assert.ok(all.every(({ ends }) => ends.length === 1));
  });

  for (const count of [1, 3]) {
    it(`waits for a target again if that is asked for in a listener of end, of ${count} contexts`, async () => {
      const [emitter, promise] = [new EventEmitter(), Promise.resolve()];
      for (const target of [emitter, promise]) {
        const next = counted();
        for (let n = 0; n < count; n++) {
          const context = create().endWith(target);
          if (n === 0)
            context.on(
              'end',
              mustCall(() => void next.context.endWith(target)),
            );
        }
        emitter.emit('close');
        assert.strictEqual(next.ends.length, 0);
        await nextTurn();
        emitter.emit('close');
        assert.strictEqual(next.ends.length, 1);
        assert.strictEqual(emitter.listenerCount('close'), 0);
      }
    });
  }

  it('reports the error of a listener as uncaught: neither the emitter nor other contexts get it', async () => {
    const lines = await linesOf(`
      const emitter = new (require('events'))();
      const namespace = require('context').createNamespace('one');
      process.on('uncaughtException', (error) => console.log(error.message));
      namespace.createContext().on('end', () => { throw new Error('listener'); }).endWith(emitter);
      namespace.createContext().on('end', () => console.log('ended')).endWith(emitter);
      emitter.emit('close');
      console.log('emitted');
    `);
    assert.deepStrictEqual(lines, ['ended', 'emitted', 'listener']);
  });

  it('is refused after the end, and by a default context, which never ends', () => {
    const [ended, { context, ends }, emitter] = [create(), counted(), new EventEmitter()];
    ended.run(() => {});
    context.endWith(new EventEmitter()).end();
    for (const one of [ended, context]) {
      assert.throws(() => one.endWith(emitter), { name: 'Error', code: 'ERR_CONTEXT_ENDED' });
    }
    assert.throws(() => namespace.active.endWith(emitter), { name: 'Error', code: 'ERR_CONTEXT_NOT_ACTIVE' });
    assert.deepStrictEqual([emitter.listenerCount('close'), ends.length], [0, 1]);
  });

  it('does not keep a context alive whose target is gone, nor one that has ended', async () => {
    const { watch, collected } = watchCollection();
    const target = new AbortController().signal;
    for (let i = 0; i < 10; i++) {
      const [gone, ended] = [create().endWith(new EventEmitter()), create().endWith(target)];
      ended.end();
      watch(gone);
      watch(ended);
    }
    await collected(18);
    assert.strictEqual(target.aborted, false);
  });

  const protocols = {
    'HTTP/1': async (handler) => {
      const server = http.createServer(handler).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const [response] = await once(http.get({ ...server.address(), host: '127.0.0.1', agent: false }), 'response');
      await once(response.resume(), 'end');
      return server;
    },
    'HTTP/2': async (handler) => {
      const server = http2.createServer(handler).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const client = http2.connect(`http://127.0.0.1:${server.address().port}`);
      await once(client.request({ ':path': '/' }).resume(), 'close');
      await new Promise((resolve) => client.close(resolve));
      return server;
    },
  };
  for (const [protocol, request] of Object.entries(protocols)) {
    it(`ends with the response of ${protocol}, with the values that were set last`, async () => {
      const seen = [];
      const context = create();
      const ended = once(context, 'end');
      const server = await request((_, response) => {
        context.on('end', () => seen.push(context.get('last'), response.writableEnded));
        context.run(() => {
          context.endWith(response);
          response.write('a');
          setImmediate(() => {
            seen.push(response.writableEnded);
            namespace.set('last', 'value');
            response.end('b');
          });
        });
      });
      await ended;
      assert.deepStrictEqual(seen, [false, 'value', true]);
      server.close();
      await once(server, 'close');
    });
  }
});
