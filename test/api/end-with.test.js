'use strict';

const assert = require('node:assert');
const { EventEmitter, once } = require('node:events');
const http = require('node:http');
const http2 = require('node:http2');
const { PassThrough, Readable } = require('node:stream');

const { createNamespace } = require('context');

const { runNode } = require('../support/child');
const { watchCollection } = require('../support/collected');
const { assertActive } = require('../support/core-view');
const { mustCall } = require('../support/must-call');

const namespace = createNamespace('end-with');
const other = createNamespace('end-with.other');
const create = () => namespace.createContext();
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A context that counts its ends. */
function counted() {
  const context = create();
  const ends = [];
  context.on('end', () => ends.push(namespace.active));
  return { context, ends };
}

/** Targets that are not over, with what ends them. */
const targets = {
  'a stream that is destroyed': () => {
    const stream = new PassThrough();
    return [stream, () => stream.destroy()];
  },
  'a stream that fails': () => {
    const stream = new PassThrough().on('error', () => {});
    return [stream, () => stream.destroy(new Error('failed'))];
  },
  'a stream that is read to its end': () => {
    const stream = Readable.from(['chunk']);
    return [stream, () => stream.resume()];
  },
  'an emitter': () => {
    const emitter = new EventEmitter();
    return [emitter, () => emitter.emit('close')];
  },
  'an emitter of another making': () => {
    let listener;
    const emitter = { once: (event, given) => (listener = event === 'close' && given), emit: () => listener() };
    return [emitter, () => emitter.emit('close')];
  },
  'a promise that is fulfilled': () => {
    let settle;
    return [new Promise((resolve) => (settle = resolve)), () => settle()];
  },
  'a promise that is rejected': () => {
    let settle;
    return [new Promise((_, reject) => (settle = reject)), () => settle(new Error('rejected'))];
  },
  'a signal whose event another listener stops': () => {
    const controller = new AbortController();
    controller.signal.addEventListener('abort', (event) => event.stopImmediatePropagation());
    return [controller.signal, () => controller.abort()];
  },
  'a signal': () => {
    const controller = new AbortController();
    return [controller.signal, () => controller.abort()];
  },
};

describe('endWith', () => {
  for (const [what, make] of Object.entries(targets)) {
    it(`has the context end once, when it is over: ${what}`, async () => {
      const { context, ends } = counted();
      const [target, finish] = make();
      const outer = create();
      outer.run(() => context.run(() => assert.strictEqual(context.endWith(target), context)));
      const bound = context.bind(() => {});
      bound();
      context.run(() => {});
      await context.run(async () => await null);
      await turn();
      assert.deepStrictEqual([ends, context.ended], [[], false]);
      create().run(finish);
      await turn();
      await turn();
      assert.deepStrictEqual(ends.length, 1);
      assert.strictEqual(ends[0], outer);
      assert.strictEqual(context.ended, true);
      bound();
      context.run(() => {});
      context.end();
      await turn();
      assert.strictEqual(ends.length, 1);
    });
  }

  const over = {
    'a stream that is destroyed, and not closed yet': async () => new PassThrough().destroy(),
    'a stream that is closed': async () => {
      const stream = new PassThrough().destroy();
      await once(stream, 'close');
      return stream;
    },
    'a promise that has settled': async () => Promise.resolve(),
    'a signal that was aborted': async () => AbortSignal.abort(),
  };
  for (const [what, make] of Object.entries(over)) {
    it(`takes what is over already, and emits end later: ${what}`, async () => {
      const { context, ends } = counted();
      const outer = namespace.active;
      // In an array, as an async function waits for a promise that it returns.
      const [target] = await Promise.all([make()].map(async (made) => [await made])).then(([made]) => made);
      context.run(() => {
        context.endWith(target ?? Promise.resolve());
        assert.deepStrictEqual([ends, context.ended], [[], false]);
      });
      await turn();
      assert.deepStrictEqual(ends, [outer]);
    });
  }

  it('waits for all targets, each of which counts once', async () => {
    const { context, ends } = counted();
    const [a, b] = [new EventEmitter(), new EventEmitter()];
    context.endWith(a).endWith(b).endWith(a);
    a.emit('close');
    a.emit('close');
    await turn();
    assert.deepStrictEqual(ends, []);
    b.emit('close');
    assert.strictEqual(ends.length, 1);
  });

  it('waits for a target that is added while another one is over already', async () => {
    const { context, ends } = counted();
    const emitter = new EventEmitter();
    context.endWith(AbortSignal.abort()).endWith(emitter);
    await turn();
    assert.deepStrictEqual(ends, []);
    emitter.emit('close');
    assert.strictEqual(ends.length, 1);
  });

  it('leaves end() to end it at once, and the targets no longer matter', async () => {
    const { context, ends } = counted();
    const emitter = new EventEmitter();
    context.endWith(emitter);
    context.end();
    assert.deepStrictEqual([ends.length, context.ended], [1, true]);
    context.end();
    emitter.emit('close');
    await turn();
    assert.strictEqual(ends.length, 1);
  });

  it('holds for calls that have begun, also async ones', async () => {
    const { context, ends } = counted();
    const emitter = new EventEmitter();
    await context.run(async () => {
      await null;
      context.endWith(emitter);
    });
    context.run(() => {});
    await turn();
    assert.deepStrictEqual(ends, []);
    emitter.emit('close');
    assert.strictEqual(ends.length, 1);
  });

  it('emits end with all that was active around it, and leaves what its listener enters', async () => {
    const [context, outer, there] = [create(), create(), other.createContext()];
    const emitter = new EventEmitter();
    context.on(
      'end',
      mustCall(() => {
        assertActive(outer);
        assertActive(there);
        create().enter();
        other.createContext().enter();
      }),
    );
    there.run(() => outer.run(() => context.run(() => context.endWith(emitter))));
    const stranger = create();
    stranger.run(
      mustCall(() => {
        emitter.emit('close');
        assertActive(stranger);
      }),
    );
    await turn();
  });

  it('emits end in what is active where it is called, if the context is not active there', () => {
    const [outer, emitter] = [create(), new EventEmitter()];
    const { context, ends } = counted();
    outer.run(() => context.endWith(emitter));
    emitter.emit('close');
    assert.deepStrictEqual(ends, [outer]);
  });

  it('ends many contexts with one target, with one listener', () => {
    const emitter = new EventEmitter();
    const all = Array.from({ length: 1000 }, counted);
    for (const { context } of all) context.endWith(emitter);
    assert.strictEqual(emitter.listenerCount('close'), 1);
    emitter.emit('close');
    assert.ok(all.every(({ ends }) => ends.length === 1));
  });

  it('lets an error of a listener reach nobody else', async () => {
    const { code, stdout } = await runNode(`
      const { EventEmitter } = require('events');
      const { createNamespace } = require('context');
      const namespace = createNamespace('one');
      const emitter = new EventEmitter();
      process.on('uncaughtException', (error) => console.log(error.message));
      const fails = namespace.createContext().on('end', () => { throw new Error('listener'); });
      const ends = namespace.createContext().on('end', () => console.log('ended'));
      fails.endWith(emitter);
      ends.endWith(emitter);
      emitter.emit('close');
      console.log('emitted');
    `);
    assert.deepStrictEqual([code, stdout], [0, 'ended\nemitted\nlistener\n']);
  });

  it('refuses a second time after the end, and changes nothing', () => {
    const { context, ends } = counted();
    context.endWith(new EventEmitter());
    context.end();
    const emitter = new EventEmitter();
    assert.throws(() => context.endWith(emitter), { name: 'Error', code: 'ERR_CONTEXT_ENDED' });
    assert.strictEqual(emitter.listenerCount('close'), 0);
    assert.strictEqual(ends.length, 1);
    const after = create();
    after.run(() => {});
    assert.throws(() => after.endWith(emitter), { code: 'ERR_CONTEXT_ENDED' });
  });

  it('refuses a default context, which never ends', () => {
    const emitter = new EventEmitter();
    assert.throws(() => namespace.active.endWith(emitter), { name: 'Error', code: 'ERR_CONTEXT_NOT_ACTIVE' });
    assert.strictEqual(emitter.listenerCount('close'), 0);
  });

  const touchy = new Proxy({}, { get: () => assert.fail('touched') });
  for (const [what, target] of Object.entries({
    undefined,
    null: null,
    'a number': 1,
    'a function': () => {},
    'an object': {},
    'a thenable': { then() {} },
    'an EventTarget': new EventTarget(),
    'a proxy that throws': touchy,
  })) {
    it(`refuses ${what}, and the context ends as before`, () => {
      const { context, ends } = counted();
      const expected = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE', message: /^target must be/ };
      assert.throws(() => context.endWith(target), expected);
      context.run(() => {});
      assert.strictEqual(ends.length, 1);
    });
  }

  it('does not keep a context alive whose target is gone, nor one that has ended', async () => {
    const { watch, collected } = watchCollection();
    const signal = new AbortController().signal;
    for (let i = 0; i < 10; i++) {
      const gone = create();
      gone.endWith(new EventEmitter());
      watch(gone);
      const ended = create();
      ended.endWith(signal);
      ended.end();
      watch(ended);
    }
    await collected(18);
    assert.strictEqual(signal.aborted, false);
  });

  for (const [protocol, serve] of Object.entries({
    'HTTP/1': async (handler) => {
      const server = http.createServer(handler).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const request = async () => {
        const sent = http.get({ port: server.address().port, host: '127.0.0.1', agent: false });
        const [response] = await once(sent, 'response');
        response.resume();
        await once(response, 'end');
      };
      return { server, request };
    },
    'HTTP/2': async (handler) => {
      const server = http2.createServer(handler).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const client = http2.connect(`http://127.0.0.1:${server.address().port}`);
      const request = async () => {
        const stream = client.request({ ':path': '/' });
        stream.resume();
        await once(stream, 'close');
        await new Promise((resolve) => client.close(resolve));
      };
      return { server, request };
    },
  })) {
    it(`ends with the response of ${protocol}, with the values that were set last`, async () => {
      const seen = [];
      const ended = Promise.withResolvers?.() ?? {};
      ended.promise ??= new Promise((resolve) => (ended.resolve = resolve));
      const { server, request } = await serve((_, response) => {
        namespace.run(function () {
          this.on('end', () => {
            seen.push(['end', this.get('last'), response.writableEnded]);
            ended.resolve();
          });
          this.endWith(response);
          response.write('a');
          setImmediate(() => {
            namespace.set('last', 'value');
            seen.push('later');
            response.end('b');
          });
        });
      });
      await request();
      await ended.promise;
      assert.deepStrictEqual(seen, ['later', ['end', 'value', true]]);
      server.close();
      await once(server, 'close');
    });
  }
});
