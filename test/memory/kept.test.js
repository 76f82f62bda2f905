'use strict';

const assert = require('node:assert');
const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks');
const { EventEmitter, getEventListeners, once } = require('node:events');
const http = require('node:http');
const { setImmediate: nextTurn } = require('node:timers/promises');
const vm = require('node:vm');

const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');

const { createNamespace, destroyNamespace, stats } = require('context');

const core = require('../../lib/frames/binding');
const { watchCollection } = require('../support/collected');

const namespace = createNamespace('memory');
const other = createNamespace('memory.other');

describe('a context', () => {
  it('is collected with values that reach it again: promises, timers, emitters, itself', async () => {
    const { watch, collected } = watchCollection();
    const work = async () => {
      const context = namespace.createContext();
      watch(context);
      await context.run(async () => {
        const timer = setTimeout(() => {}, 1);
        const promise = new Promise((resolve) => setImmediate(resolve));
        const emitter = context.add(new EventEmitter().on('event', () => context));
        const bound = context.bind(() => context);
        for (const [key, value] of Object.entries({ context, timer, promise, emitter, bound })) context.set(key, value);
        await promise;
        clearTimeout(timer);
      });
    };
    await Promise.all(Array.from({ length: 100 }, work));
    await collected(99);
  });

  it('is collected after it was left, though the one around it lives on', async () => {
    const { watch, collected } = watchCollection();
    await namespace.run(async () => {
      for (let i = 0; i < 50; i++) {
        const context = namespace.createContext();
        watch(context);
        await context.run(async () => nextTurn());
        context.enter();
        await null;
        context.exit();
        context.add(new EventEmitter()).on('event', () => {});
      }
      await nextTurn();
      await collected(48);
    });
  });

  it('is kept by nothing but what was started in it', async () => {
    const { watch, collected } = watchCollection();
    const started = [];
    for (let i = 0; i < 50; i++) {
      const context = namespace.createContext();
      watch(context);
      context.run(() => started.push(setTimeout(() => {}, 1e6)));
    }
    global.gc();
    started.forEach(clearTimeout);
    started.length = 0;
    await collected(48);
  });

  it('is not kept by the stack of what ran, however deep that was', async () => {
    const { watch, collected } = watchCollection();
    const nest = (depth) => {
      const context = namespace.createContext();
      watch(context);
      context.run(() => depth > 0 && new AsyncResource('nested').runInAsyncScope(() => nest(depth - 1)));
    };
    nest(50);
    await collected(51);
  });

  it('is not kept by a resource that is used again outside of it', async () => {
    const { watch, collected } = watchCollection();
    let timer;
    await new Promise((resolve) => {
      let context = namespace.createContext();
      watch(context);
      const first = () => {
        context = undefined;
        resolve();
      };
      const fire = { call: first };
      context.run(() => (timer = setTimeout(() => fire.call(), 1)));
      fire.timer = timer;
    });
    await nextTurn();
    timer.refresh();
    await collected(1);
    clearTimeout(timer);
  });
});

describe('what a context ends with', () => {
  const targets = {
    'a signal': () => new AbortController().signal,
    'an emitter': () => new EventEmitter(),
    'a promise': () => new Promise(() => {}),
    'a response': () => new http.ServerResponse(new http.IncomingMessage(null)),
  };
  for (const [what, make] of Object.entries(targets)) {
    it(`keeps nothing of contexts that have ended: ${what}`, async () => {
      const target = make();
      const used = async () => {
        await nextTurn();
        global.gc();
        return process.memoryUsage().heapUsed;
      };
      const endMany = () => {
        for (let i = 0; i < 20_000; i++) {
          const context = namespace.createContext();
          context.endWith(target);
          if (i % 2 === 0) context.endWith(new EventEmitter());
          context.end();
        }
      };
      endMany();
      const before = await used();
      endMany();
      const growth = (await used()) - before;
      assert.ok(growth < 20_000 * 20, `${growth} bytes are kept of 20,000 contexts`);
      if (what !== 'a promise') assert.deepStrictEqual(listenersOf(target), []);
      const last = namespace.createContext().endWith(target);
      assert.strictEqual(last.ended, false);
      if (target.emit !== undefined) {
        target.emit('close');
        assert.strictEqual(last.ended, true);
      }
    });
  }

  const listenersOf = (target) =>
    ['abort', 'close', 'finish'].filter((event) =>
      target.emit === undefined ? getEventListeners(target, event).length > 0 : target.listenerCount(event) > 0,
    );
});

describe('a run that a timeout of node:vm cuts short', () => {
  const { ContextManager } = require('context/opentelemetry');
  const manager = new ContextManager();
  const storage = new AsyncLocalStorage();
  const script = new vm.Script('call()');
  const cutShort = () => {
    for (;;);
  };

  /** What is cut short, by how it is called: gets what it runs in, which nobody else holds. */
  const calls = {
    run: (watch) => {
      const context = namespace.createContext();
      watch(context);
      return () => context.run(cutShort);
    },
    'runs of two namespaces': (watch) => {
      const [context, inner] = [namespace.createContext(), other.createContext()];
      watch(context);
      watch(inner);
      return () => context.run(() => inner.run(cutShort));
    },
    'a bound function': (watch) => {
      const context = namespace.createContext();
      watch(context);
      return context.bind(cutShort);
    },
    'a listener': (watch) => {
      const context = namespace.createContext();
      watch(context);
      const emitter = context.add(new EventEmitter()).on('event', cutShort);
      return () => emitter.emit('event');
    },
    'with of OpenTelemetry': (watch) => {
      const context = ROOT_CONTEXT.setValue(createContextKey('cut short'), {});
      watch(context);
      return () => manager.with(context, cutShort);
    },
    'run of AsyncLocalStorage': (watch) => {
      const store = {};
      watch(store);
      return () => storage.run(store, cutShort);
    },
  };
  /** Ways to do something ten times: after it was cut short its context is active for the rest of the turn, as a store is. */
  const times = {
    'in turns of their own': (one) => Promise.all(Array.from({ length: 10 }, async () => nextTurn().then(one))),
    'in one turn': (one) => nextTurn().then(() => Array.from({ length: 10 }, one)),
  };
  for (const [what, make] of Object.entries(calls)) {
    for (const [when, repeat] of Object.entries(times)) {
      it(`keeps nothing if no call is around it, ${when}: ${what}`, async () => {
        const { watch, collected } = watchCollection();
        let count = 0;
        await repeat(() => {
          globalThis.call = make((object) => (watch(object), count++));
          assert.throws(() => script.runInThisContext({ timeout: 5 }), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
          delete globalThis.call;
        });
        assert.strictEqual(namespace.isActive(), false);
        assert.ok(count >= 10);
        await collected(count - 1);
      });
    }
  }
});

describe('a program that goes on for ever', () => {
  /** Runs turns, each started from the last one, and asserts that the contexts of all but the last ones are collected. */
  async function assertCollects(turns, turn) {
    const { watch, collected } = watchCollection();
    await new Promise((resolve, reject) => {
      let left = turns;
      const next = () => (--left === 0 ? collected(turns * 0.9).then(resolve, reject) : turn(next, watch));
      turn(next, watch);
    });
  }

  it('leaves nothing if each turn is detached from the last one, in two namespaces that alternate', async () => {
    const [here, there] = [namespace.active, other.active];
    await assertCollects(500, (next, watch) => {
      here.run(() => {
        namespace.run(() => {
          namespace.run(() => {
            watch(namespace.active);
            there.run(() => other.run(() => other.run(() => setImmediate(next))));
          });
        });
      });
    });
  });

  it('leaves nothing if each turn is a call of a bound function', async () => {
    const context = namespace.createContext();
    let run;
    await assertCollects(500, (next, watch) => {
      run ??= context.bind((callback) => callback());
      run(() => {
        other.run(() => {
          watch(other.active);
          other.active.bind(() => {})();
        });
        setImmediate(next);
      });
    });
  });

  it('leaves nothing if each turn runs in the context that is active already', async () => {
    const context = namespace.createContext();
    const before = stats().namespaces.memory.deepest;
    await new Promise((resolve) => {
      let left = 5000;
      const turn = () => (--left === 0 ? resolve() : context.run(() => setImmediate(turn)));
      turn();
    });
    assert.ok(stats().namespaces.memory.deepest <= Math.max(before, 2));
  });

  it('warns once of a chain of contexts that only grows', async () => {
    const own = createNamespace('memory.growing');
    const warnings = [];
    const listener = (warning) => warnings.push(warning);
    process.on('warning', listener);
    await new Promise((resolve) => {
      let left = 1500;
      const turn = () => {
        if (left === 500) assert.deepStrictEqual(warnings, []);
        return --left === 0 ? resolve() : own.run(() => setImmediate(turn));
      };
      turn();
    });
    await nextTurn();
    process.off('warning', listener);
    assert.deepStrictEqual(
      warnings.map(({ code }) => code),
      ['CONTEXT_DEEP_NESTING'],
    );
    assert.match(warnings[0].message, /'memory\.growing'.* was entered at .*kept\.test\.js:\d+/);
    assert.ok(stats().namespaces['memory.growing'].deepest > 1000);
  });
});

describe('the pages of frames', () => {
  it('are free again after a collection', async () => {
    await nextTurn();
    global.gc();
    const before = stats().pages;
    const bound = Array.from({ length: 64 * 200 }, () => namespace.run(() => namespace.bind(() => {})));
    assert.ok(stats().pages >= before + 200);
    assert.ok(bound.every((one) => one() === undefined));
    bound.length = 0;
    await nextTurn();
    global.gc();
    assert.ok(stats().pages <= before + 1, `${stats().pages} pages, ${before} before`);
  });

  it('do not grow in a loop that never yields', () => {
    global.gc();
    const before = stats().pages;
    for (let i = 0; i < 1e6; i++) namespace.run(Function.prototype);
    assert.ok(stats().pages < before + 1e6 / 64 / 3, `${stats().pages} pages, ${before} before`);
  });

  it('are where the core says, and nowhere else', () => {
    for (const record of [-1, 1e9, 2 ** 31 - 1, -(2 ** 31)]) {
      assert.throws(() => core.describe(record), RangeError);
      assert.throws(() => core.memoryOf(record), RangeError);
    }
    for (const wrong of [undefined, null, 'text', {}]) {
      assert.throws(() => core.describe(wrong), TypeError);
      assert.throws(() => core.memoryOf(wrong), TypeError);
    }
    assert.throws(() => core.openPage(), TypeError);
    assert.throws(() => core.createNamespace(1, {}), TypeError);
    assert.throws(() => core.createNamespace('name'), TypeError);
    assert.deepStrictEqual(core.describe(0), []);
  });
});

describe('a namespace', () => {
  it('is collected once it is registered no longer and nobody holds it', async () => {
    const { watch, collected } = watchCollection();
    for (let i = 0; i < 100; i++) {
      const own = createNamespace('memory.collected');
      own.run(() => own.set('self', own));
      watch(own);
      destroyNamespace('memory.collected');
    }
    await collected(99);
    const [a, b] = [createNamespace('memory.a'), createNamespace('memory.b')];
    a.run(() => b.run(() => assert.notStrictEqual(a.active, b.active)));
    assert.deepStrictEqual(stats().namespaces['memory.a'], { created: 1, entered: 1, ended: 1, deepest: 1 });
  });
});

describe('a keep-alive socket', () => {
  it('serves each request in its own context, and keeps none alive while it is idle', async () => {
    const { watch, collected } = watchCollection();
    const server = http.createServer({ keepAliveTimeout: 0 }, (request, response) => {
      const before = namespace.active;
      const context = namespace.createContext();
      watch(context);
      // Node.js keeps the date of this header for up to a second, by a timer that belongs to the request.
      response.sendDate = false;
      context.set('url', request.url);
      context.run(() => {
        context.add(request);
        request.resume().on('end', () => {
          setImmediate(() => {
            assert.notStrictEqual(namespace.active, before);
            response.end(namespace.get('url'));
          });
        });
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set();
    const get = async (path) => {
      const request = http.get({ agent, port: server.address().port, host: '127.0.0.1', path });
      request.on('socket', (socket) => sockets.add(socket));
      const [response] = await once(request, 'response');
      let body = '';
      for await (const chunk of response) body += chunk;
      assert.strictEqual(body, path);
    };
    for (let i = 0; i < 20; i++) await get(`/${i}`);
    assert.strictEqual(sockets.size, 1);
    await collected(20);
    agent.destroy();
    server.close();
    await once(server, 'close');
  });
});
