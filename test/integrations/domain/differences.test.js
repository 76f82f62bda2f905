'use strict';

const assert = require('node:assert');

const { linesOf, outcomeOf } = require('./outcome');

const PROXIES = `
  const traps = Object.fromEntries(Object.getOwnPropertyNames(Reflect).map((name) => {
    return [name, () => fail('the trap ' + name)];
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
    const receive = (how) =>
      domain.create().on('error', (value) => (counts[how] = (counts[how] ?? 0) + (value === error ? 1 : NaN)));
    const raise = () => { throw error; };
    setImmediate(() => receive('thrown').run(raise));
    setImmediate(() => receive('from a callback').run(() => setImmediate(raise)));
    setImmediate(() => receive('rejected').run(() => { Promise.reject(error); }));
    setImmediate(() => receive('emitted').run(() => new EventEmitter()).emit('error', error));
    setImmediate(() => receive('from within').run(() => domain.create().run(raise)));
    setImmediate(() => receive('by a listener').run(() => domain.create().on('error', raise).run(fail, 'inner')));
    setImmediate(() => receive('intercepted').intercept(() => { counts[name] = 'let through'; })(error));
  }
  process.on('exit', () => log(JSON.stringify(counts), domain.active === undefined));
`;

/** A rejection of a promise in another context than it was made in, by STEP. */
const REJECTION = `
  const store = new AsyncLocalStorage();
  let reject;
  const promise = new Promise((_, rejectPromise) => { reject = rejectPromise; });
  const listener = () => log('process', store.getStore());
  process.on('unhandledRejection', listener);
  setImmediate(() => setImmediate(() => process.off('unhandledRejection', listener)));
  STEP(() => setImmediate(() => reject(new Error('rejected'))));
`;

/** By the title of each test a program; what it logs; and what it logs with the domain of Node.js, if it can be compared. */
const differences = {
  'an enter without an exit ends with its callback': [
    `
      setImmediate(() => { got('d').enter(); log(Boolean(domain.active)); });
      setImmediate(() => log(Boolean(domain.active)));
    `,
    ['true', 'false'],
    ['true', 'true'],
  ],
  'an enter in an async function is undone by an exit after an await': [
    `
      const d = got('d');
      setImmediate(async () => {
        d.enter();
        await null;
        log(domain.active === d);
        d.exit();
        log(domain.active);
      });
    `,
    ['true', 'undefined'],
  ],
  'frozen errors reach the domain': [
    `
      const d = got('d');
      const frozen = (message) => Object.freeze(new Error(message));
      setImmediate(() => d.run(() => { throw frozen('thrown'); }));
      setImmediate(() => d.run(() => new EventEmitter()).emit('error', frozen('emitted')));
      setImmediate(d.intercept(() => {}), frozen('intercepted'));
    `,
    ['thrown', 'emitted', 'intercepted'].map((message) => `d got ${message} undefined false`),
  ],
  'a class of emitters may have a domain property of its own': [
    `
      class Mail extends EventEmitter { constructor() { super(); this.domain = 'example.org'; } }
      class Cookie extends EventEmitter { domain = { name: 'example.org' }; }
      class Account extends EventEmitter { get domain() { return 'example.org'; } }
      got('d').run(() => {
        for (const Emitter of [Mail, Cookie, Account]) {
          const emitter = new Emitter().on('event', () => log(emitter.domain));
          emitter.emit('event');
        }
      });
    `,
    ['example.org', "{ name: 'example.org' }", 'example.org'],
    ['d got domain.enter is not a function true true'],
  ],
  'a capture callback of the application may be set, and gets the exceptions': [
    `
      const d = got('d');
      setImmediate(() => {
        process.setUncaughtExceptionCaptureCallback((error) => {
          log('captured', error.message);
          process.setUncaughtExceptionCaptureCallback(null);
        });
        d.run(fail, 'first');
      });
      setImmediate(() => d.run(fail, 'second'));
    `,
    ['captured first', 'd got second true true'],
  ],
  'a scope that an AsyncResource restores has the domain of the resource': [
    `
      const outside = AsyncResource.bind(() => {
        log(Boolean(domain.active));
        setImmediate(() => log(Boolean(domain.active)));
      });
      got('d').run(outside);
    `,
    ['false', 'false'],
    ['true', 'true'],
  ],
  'process.domain is left alone': [`got('d').run(() => log(process.domain));`, ['null']],
};

const programsOf = (entries) => Object.fromEntries(entries.map(([title, [program]]) => [title, program]));

describe('unlike with the domain of Node.js', () => {
  let ours;
  let theirs;

  before(async () => {
    const entries = Object.entries(differences);
    const compared = entries.filter(([, { length }]) => length === 3);
    const rejections = {
      'in a store': REJECTION.replace('STEP(', 'store.run(1, '),
      'in a domain': REJECTION.replace('STEP(', `got('d').run(`),
    };
    [ours, theirs] = await Promise.all([
      linesOf('context/domain', { ...programsOf(entries), ...rejections, PROXIES }),
      linesOf('domain', programsOf(compared)),
    ]);
  });

  for (const [title, [, expected, expectedOfNode]] of Object.entries(differences)) {
    it(title, () => {
      assert.deepStrictEqual(ours[title], expected);
      if (expectedOfNode !== undefined) assert.deepStrictEqual(theirs[title], expectedOfNode);
    });
  }

  it('an error that no domain is left for is never swallowed', async () => {
    const program = `domain.create().run(() => throwing('inner').run(fail, 'sync'));`;
    const expected = { code: 7, lines: ['inner throws sync'], reports: ['Error: inner after sync'] };
    assert.deepStrictEqual(await outcomeOf('context/domain', program), expected);
    assert.strictEqual((await outcomeOf('domain', program)).code, 0);
  });

  it('proxies whose traps throw reach the domain, however they are thrown', () => {
    const [counts, isLeft] = ours.PROXIES[0].split(/ (?=\w+$)/);
    const { 'a function': intercepted, ...others } = JSON.parse(counts);
    const ways = ['thrown', 'emitted', 'from within', 'by a listener', 'from a callback', 'rejected', 'intercepted'];
    assert.deepStrictEqual(others, Object.fromEntries(ways.map((how) => [how, 10])));
    // Only a value that can be seen not to be an error is let through, as ever.
    assert.deepStrictEqual([intercepted, isLeft], [undefined, 'true']);
  });

  it('a rejection belongs to where Node.js says: where the promise was made, or was rejected', () => {
    const isWhereRejected = ours['in a store'][0] === 'process 1';
    assert.strictEqual(ours['in a domain'][0], isWhereRejected ? 'd got rejected undefined false' : 'process undefined');
  });
});
