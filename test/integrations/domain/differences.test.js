'use strict';

const assert = require('node:assert');
const { AsyncLocalStorage } = require('node:async_hooks');

const { outcomeOf } = require('./outcome');

/** What a program prints that ends well. */
async function outputOf(program) {
  const { code, stdout, reports } = await outcomeOf('context/domain', program);
  assert.deepStrictEqual({ code, reports }, { code: 0, reports: [] });
  return stdout.trimEnd().split('\n');
}

describe('unlike with the domain of Node.js', () => {
  it('an error that no domain is left for is never swallowed', async () => {
    const program = `domain.create().run(() => throwing('inner').run(() => { throw new Error('sync'); }));`;
    const { code, stdout, reports } = await outcomeOf('context/domain', program);
    assert.deepStrictEqual(
      { code, stdout, reports },
      {
        code: 7,
        stdout: 'inner throws sync\n',
        reports: ['Error: inner after sync'],
      },
    );
    assert.strictEqual((await outcomeOf('domain', program)).code, 0);
  });

  it('an enter without an exit ends with its callback', async () => {
    const program = `
      setImmediate(() => { got('d').enter(); log(Boolean(domain.active)); });
      setImmediate(() => log(Boolean(domain.active)));
    `;
    assert.deepStrictEqual(await outputOf(program), ['true', 'false']);
    assert.strictEqual((await outcomeOf('domain', program)).stdout, 'true\ntrue\n');
  });

  it('an enter in an async function is undone by an exit after an await', async () => {
    const lines = await outputOf(`
      const d = got('d');
      setImmediate(async () => {
        d.enter();
        await null;
        log(domain.active === d);
        d.exit();
        log(domain.active);
      });
    `);
    assert.deepStrictEqual(lines, ['true', 'undefined']);
  });

  it('frozen errors reach the domain', async () => {
    const program = `
      const d = got('d');
      setImmediate(() => d.run(() => { throw Object.freeze(new Error('thrown')); }));
      setImmediate(() => d.run(() => new EventEmitter()).emit('error', Object.freeze(new Error('emitted'))));
      setImmediate(d.intercept(() => {}), Object.freeze(new Error('intercepted')));
    `;
    const expected = ['thrown', 'emitted', 'intercepted'].map((message) => `d got ${message} undefined false`);
    assert.deepStrictEqual(await outputOf(program), expected);
    assert.strictEqual((await outcomeOf('domain', program)).code, 7);
  });

  it('proxies whose traps throw reach the domain, however they are thrown', async () => {
    const program = `
      const traps = Object.fromEntries(Object.getOwnPropertyNames(Reflect).map((name) => {
        return [name, () => { throw new Error('the trap ' + name); }];
      }));
      const hostile = ['set', 'defineProperty', 'get', 'getPrototypeOf', 'getOwnPropertyDescriptor', 'has', 'ownKeys'].map((name) => {
        return [name, new Proxy(new Error('target'), { [name]: traps[name] })];
      });
      hostile.push(['all', new Proxy(new Error('target'), traps)], ['a function', new Proxy(() => {}, traps)]);
      const { proxy, revoke } = Proxy.revocable(new Error('target'), {});
      revoke();
      hostile.push(['revoked', proxy]);
      const counts = {};
      for (const [name, error] of hostile) {
        const take = (how) => {
          const d = domain.create();
          d.on('error', (value) => (counts[how] = (counts[how] ?? 0) + (value === error ? 1 : NaN)));
          return d;
        };
        setImmediate(() => take('thrown').run(() => { throw error; }));
        setImmediate(() => take('from a callback').run(() => setImmediate(() => { throw error; })));
        setImmediate(() => take('rejected').run(() => { Promise.reject(error); }));
        setImmediate(() => take('emitted').run(() => new EventEmitter()).emit('error', error));
        setImmediate(() => take('from within').run(() => domain.create().run(() => { throw error; })));
        setImmediate(() => take('by a listener').run(() => {
          const inner = domain.create();
          inner.on('error', () => { throw error; });
          inner.run(() => { throw new Error('inner'); });
        }));
        setImmediate(() => take('intercepted').intercept(() => { counts[name] = 'let through'; })(error));
      }
      process.on('exit', () => log(JSON.stringify(counts), domain.active === undefined));
    `;
    const ways = ['thrown', 'emitted', 'from within', 'by a listener', 'from a callback', 'rejected', 'intercepted'];
    const [line] = await outputOf(program);
    const [counts, isLeft] = line.split(/ (?=\w+$)/);
    const { 'a function': intercepted, ...others } = JSON.parse(counts);
    // Only what lets it be told that it is no error is let through, as ever.
    assert.deepStrictEqual(others, Object.fromEntries(ways.map((how) => [how, 10])));
    assert.deepStrictEqual([intercepted, isLeft], [undefined, 'true']);
  });

  it('a class of emitters may have a domain property of its own', async () => {
    const program = `
      class Mail extends EventEmitter {
        constructor() {
          super();
          this.domain = 'example.org';
        }
      }
      class Cookie extends EventEmitter {
        domain = { name: 'example.org' };
      }
      class Account extends EventEmitter {
        get domain() {
          return 'example.org';
        }
      }
      got('d').run(() => {
        for (const Emitter of [Mail, Cookie, Account]) {
          const emitter = new Emitter().on('event', () => log(emitter.domain));
          emitter.emit('event');
        }
      });
    `;
    assert.deepStrictEqual(await outputOf(program), ['example.org', "{ name: 'example.org' }", 'example.org']);
    assert.strictEqual((await outcomeOf('domain', program)).code, 0);
  });

  it('a capture callback of the application may be set, and gets the exceptions', async () => {
    const program = `
      const d = got('d');
      setImmediate(() => {
        process.setUncaughtExceptionCaptureCallback((error) => {
          log('captured', error.message);
          process.setUncaughtExceptionCaptureCallback(null);
        });
        d.run(() => { throw new Error('first'); });
      });
      setImmediate(() => d.run(() => { throw new Error('second'); }));
    `;
    assert.deepStrictEqual(await outputOf(program), ['captured first', 'd got second true true']);
  });

  it('a microtask gives its errors to the domain if Node.js knows in which context it failed', async () => {
    const { stdout: known } = await outcomeOf(
      'context/domain',
      `
      const { AsyncLocalStorage } = require('async_hooks');
      const store = new AsyncLocalStorage();
      process.on('uncaughtException', () => console.log(store.getStore() === 1));
      store.run(1, () => queueMicrotask(() => { throw new Error('microtask'); }));
    `,
    );
    const program = `got('d').run(() => queueMicrotask(() => { throw new Error('microtask'); }));`;
    const { code, stdout } = await outcomeOf('context/domain', program);
    const taken = { code: 0, stdout: 'd got microtask true true\n' };
    assert.deepStrictEqual({ code, stdout }, known === 'true\n' ? taken : { code: 1, stdout: '' });
    assert.strictEqual((await outcomeOf('domain', program)).code, 1);
  });

  it('a rejection belongs to where Node.js says: where the promise was made, or was rejected', async () => {
    const program = `
      const { AsyncLocalStorage } = require('async_hooks');
      const store = new AsyncLocalStorage();
      let reject;
      const promise = new Promise((_, rejectPromise) => { reject = rejectPromise; });
      process.on('unhandledRejection', () => log('process', store.getStore()));
      STEP
    `;
    const store = `store.run(1, () => setImmediate(() => reject(new Error('rejected'))));`;
    const { stdout: seen } = await outcomeOf('context/domain', program.replace('STEP', store));
    const inDomain = `got('d').run(() => setImmediate(() => reject(new Error('rejected'))));`;
    const [line] = await outputOf(program.replace('STEP', inDomain));
    assert.strictEqual(line, seen === 'process 1\n' ? 'd got rejected undefined false' : 'process undefined');
  });

  it('a scope that an AsyncResource restores has the domain of the resource', async () => {
    const program = `
      const { AsyncResource } = require('async_hooks');
      const outside = AsyncResource.bind(() => {
        log(Boolean(domain.active));
        setImmediate(() => log(Boolean(domain.active)));
      });
      got('d').run(outside);
    `;
    assert.deepStrictEqual(await outputOf(program), ['false', 'false']);
    assert.strictEqual((await outcomeOf('domain', program)).stdout, 'true\ntrue\n');
    const store = new AsyncLocalStorage();
    assert.strictEqual(
      store.run(
        1,
        AsyncLocalStorage.bind(() => store.getStore()),
      ),
      undefined,
    );
  });

  it('process.domain is left alone', async () => {
    assert.deepStrictEqual(await outputOf('got("d").run(() => log(process.domain));'), ['null']);
  });
});
