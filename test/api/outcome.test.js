'use strict';

const assert = require('node:assert');
const { EventEmitter, once } = require('node:events');
const http = require('node:http');
const http2 = require('node:http2');
const { PassThrough } = require('node:stream');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace } = require('context');

const { assertSame, counted, thrower } = require('../support/contexts');
const { assertActive } = require('../support/core-view');
const { mustCall } = require('../support/must-call');

const namespace = createNamespace('outcome');

/** A context, and the arguments of each of its ends. */
function heard() {
  const context = namespace.createContext();
  const outcomes = [];
  context.on('end', (...args) => outcomes.push(args));
  return { context, outcomes };
}

const error = Object.freeze(new Error('failed'));

const throwUndefined = () => {
  throw undefined;
};

/** Ways to leave a context: how, and the only argument of its listeners. */
const ways = {
  'a return': [(context) => context.run(() => error), undefined],
  'a throw': [(context) => context.run(thrower(error)), { error }],
  'a throw of undefined': [(context) => context.run(throwUndefined), { error: undefined }],
  'a throw out of a bound function': [(context) => context.bind(thrower(error))(), { error }],
  'a fulfilled promise': [(context) => context.run(async () => error), undefined],
  'a rejection': [(context) => context.run(async () => Promise.reject(error)), { error }],
  'a rejection with undefined': [(context) => context.run(() => Promise.reject(undefined)), { error: undefined }],
  'a rejection of nested runs': [(context) => context.run(() => context.run(async () => Promise.reject(error))), { error }],
  'a throw that is caught inside': [(context) => context.run(() => context.run(async () => 1)), undefined],
  'end()': [(context) => context.end(), undefined],
  'end() after endWith': [(context) => context.endWith(new EventEmitter()).end(), undefined],
};

describe('the outcome', () => {
  for (const [by, [leave, outcome]] of Object.entries(ways)) {
    it(`is the only argument of end: ${by}`, async () => {
      const { context, outcomes } = heard();
      const args = [undefined, error];
      const result = await (async () => leave(context))().catch((reason) => assert.ok(args.includes(reason)));
      assert.ok(result === undefined || result === error || result === 1 || result === context);
      assert.deepStrictEqual(outcomes, [[outcome]]);
      if (outcome !== undefined) assert.strictEqual(outcomes[0][0].error, outcome.error);
    });
  }

  it('is that of each call of a bound function, and of concurrent runs', async () => {
    const { context, outcomes } = heard();
    const bound = context.bind((fails) => fails && thrower(error)());
    const gates = [new EventEmitter(), new EventEmitter()];
    const runs = gates.map((gate) => context.run(() => once(gate, 'go')));
    bound(false);
    assert.throws(() => bound(true));
    bound(false);
    gates[1].emit('error', error);
    await assert.rejects(runs[1]);
    gates[0].emit('go');
    await runs[0];
    assert.deepStrictEqual(outcomes, [[undefined], [{ error }], [undefined], [{ error }], [undefined]]);
  });

  it('after endWith is the first failure of a target or of a call that left the context, and end waits for all targets', async () => {
    const [first, second] = [new Error('first'), new Error('second')];
    const stream = () => new PassThrough().on('error', () => {});
    const cases = {
      targets: (context, [a, b]) => [a.destroy(first), b.destroy(second)],
      call: (context, [a, b]) => {
        assert.throws(() => context.run(thrower(first)), first);
        return [a.destroy(second), b.destroy()];
      },
      'call, nested': (context, [a, b]) => {
        context.run(() => assert.throws(() => context.run(thrower(second)), second));
        return [a.destroy(), b.destroy(first)];
      },
      'call that had begun': (context, [a, b]) => {
        const call = context.run(async () => Promise.reject(second));
        return [call.catch(() => {}), a.destroy(first), b.destroy()];
      },
    };
    for (const [by, fail] of Object.entries(cases)) {
      const { context, outcomes } = heard();
      const targets = [stream(), stream()];
      const ended = once(context, 'end');
      context.run(() => targets.forEach((target) => context.endWith(target)));
      fail(context, targets);
      await ended;
      assert.ok(targets.every(({ closed }) => closed));
      assertSame(
        outcomes.map(([outcome]) => outcome.error),
        [first],
      );
      assert.strictEqual(outcomes.length, 1, by);
    }
  });

  it('counts a rejection if endWith came while the call went on', async () => {
    const { context, outcomes } = heard();
    const target = new EventEmitter();
    const run = async () => {
      await null;
      context.endWith(target);
      throw error;
    };
    await assert.rejects(context.run(run), error);
    assert.deepStrictEqual(outcomes, []);
    target.emit('close');
    assert.deepStrictEqual(outcomes, [[{ error }]]);
  });

  it('ignores getters that throw', async () => {
    const odd = Object.defineProperty(new EventEmitter(), 'errored', { get: thrower('getter') });
    const { context, outcomes } = heard();
    context.endWith(odd);
    odd.emit('close', error);
    assert.deepStrictEqual(outcomes, [[undefined]]);
  });
});

describe('a context that is run in one of its own listeners of end', () => {
  it('emits no end again for that', async () => {
    const { context, ends } = counted(namespace);
    const started = [];
    const seen = [];
    const bound = context.bind(() => seen.push(namespace.active));
    context.on('end', () => {
      context.run(() => context.run(() => seen.push(namespace.active)));
      bound();
      context.end();
      assert.throws(() => context.run(thrower()), /thrown/);
      started.push(context.run(async () => nextTurn()));
      namespace.run(() => started.push(context.run(async () => assertActive(context))));
    });
    const calls = [() => context.run(() => {}), bound, () => context.run(async () => null), () => context.end()];
    for (const [index, call] of calls.entries()) {
      await call();
      await Promise.all(started);
      assert.strictEqual(ends.length, index + 1);
    }
    assert.ok(seen.every((active) => active === context));
    assert.strictEqual(started.length, 8);
  });

  it('emits none after endWith either, and refuses endWith', () => {
    const { context, ends } = counted(namespace);
    const listener = () => {
      context.run(() => assertActive(context));
      context.end();
      assert.throws(() => context.endWith(new EventEmitter()), { code: 'ERR_CONTEXT_ENDED' });
    };
    context.on('end', mustCall(listener));
    const emitter = new EventEmitter();
    context.endWith(emitter);
    emitter.emit('close');
    assertSame(ends, [context]);
  });
});

/** By protocol, what makes a server with a handler, and what asks it and returns functions that read the answer or go away. */
const protocols = {
  'HTTP/1': {
    serve: (handler) => http.createServer(handler),
    ask(port, method) {
      const request = http.request({ host: '127.0.0.1', port, method, agent: false }).on('error', () => {});
      request.end();
      const answered = once(request, 'response').then(([response]) => response.on('error', () => {}));
      return { answered, read: (response) => response.resume(), leave: () => request.destroy() };
    },
  },
  'HTTP/2': {
    serve: (handler) => http2.createServer(handler),
    ask(port, method) {
      const client = http2.connect(`http://127.0.0.1:${port}`).on('error', () => {});
      const request = client.request({ ':path': '/', ':method': method }).on('error', () => {});
      request.on('close', () => client.close());
      return { answered: once(request, 'response'), read: () => request.resume(), leave: () => request.close(8) };
    },
  },
};

/** What a handler and a client do; `fails` is the error in the outcome. */
const exchanges = {
  'is sent': { handle: (response) => response.end('text'), use: async ({ answered, read }) => read(await answered) },
  'to HEAD is sent': {
    method: 'HEAD',
    handle: (response) => response.end('text'),
    use: async ({ answered, read }) => read(await answered),
  },
  'has no body': {
    handle: (response) => response.writeHead(204).end(),
    use: async ({ answered, read }) => read(await answered),
  },
  'is destroyed': {
    handle: (response) => setImmediate(() => (response.stream ?? response).destroy()),
    use: ({ answered }) => void answered.catch(() => {}),
    fails: 'AbortError',
  },
  'is destroyed by an error': {
    handle: (response) => (response.stream ?? response).on('error', () => {}).destroy(error),
    use: ({ answered }) => void answered.catch(() => {}),
    fails: 'Error',
  },
  'has a client that leaves before it begins': {
    handle: (response, left) => left(),
    use: ({ answered, leave }, handled) => void [handled.then(leave), answered.catch(() => {})],
    fails: 'AbortError',
  },
  'has a client that leaves in its midst': {
    handle: (response) => response.write('text'),
    use: async ({ answered, leave }) => leave(await answered),
    fails: 'AbortError',
  },
};

describe('the outcome of a response', () => {
  for (const [protocol, { serve, ask }] of Object.entries(protocols)) {
    for (const [what, { method = 'GET', handle, use, fails }] of Object.entries(exchanges)) {
      it(`of ${protocol} that ${what}: ${fails ?? 'none'}, also if it is asked for afterwards`, async () => {
        const handled = new EventEmitter();
        const seen = [];
        const server = serve((_, response) => {
          response.on('error', () => {});
          const context = namespace.createContext().on('end', (outcome) => seen.push(outcome));
          const ended = once(context, 'end');
          context.run(() => context.endWith(response));
          ended.then(async () => {
            if (fails) response.end?.();
            await nextTurn();
            const later = namespace.createContext().on('end', (outcome) => seen.push(outcome));
            await once(later.endWith(response), 'end');
            handled.emit('ended');
          });
          handle(response, () => handled.emit('left'));
        });
        await once(server.listen(0, '127.0.0.1'), 'listening');
        const [left, ended] = [once(handled, 'left'), once(handled, 'ended')];
        await use(ask(server.address().port, method), left);
        await ended;
        server.close();
        await once(server, 'close');
        assert.deepStrictEqual(
          seen.map((outcome) => outcome?.error.name),
          [fails, fails],
        );
        if (fails === 'Error') assert.strictEqual(seen[0].error, error);
      });
    }

    it(`of ${protocol} is a failure if its client leaves after it was ended, before all of it is sent`, async () => {
      const server = serve((_, response) => {
        const context = namespace.createContext().endWith(response);
        server.emit('ended', once(context, 'end'));
        response.on('error', () => {}).end(Buffer.alloc(30_000_000));
      });
      const ended = once(server, 'ended').then(([end]) => end);
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { answered, leave } = ask(server.address().port, 'GET');
      leave(await answered);
      const [outcome] = await ended;
      server.close();
      assert.strictEqual(outcome?.error.name, 'AbortError');
    });
  }
});
