'use strict';

const assert = require('node:assert');

const { engine } = require('context');

const { runNode } = require('../support/child');
const { subjectSteps } = require('../support/steps');

/** The ways to keep an object from getting a property. */
const fixings = ['freeze', 'seal', 'preventExtensions'];

/** By what is done in a reaction to a promise: what to do. It changes what is active there. */
const changes = `{
  enters: () => enter('b'),
  exits: () => exit(),
  'enters in two namespaces'() {
    enter('b');
    (getNamespace('other') ?? createNamespace('other')).createContext().enter();
  },
  'enters with context/cls': () => cls.enter(cls.createContext()),
  'sets the active context of context/cls'() { cls.active = cls.createContext(); },
  'attaches with context/opentelemetry': () => manager.attach(ROOT_CONTEXT.setValue(createContextKey('key'), 'b')),
  'enters a domain of context/domain': () => domain.create().enter(),
  'throws in a domain of context/domain'() {
    domain.create().on('error', () => {}).run(() => { throw new Error('in the domain'); });
  },
}`;

describe('a promise that can get no property', () => {
  it('may be that of a reaction which changes what is active', () =>
    subjectSteps('24')`
      const assert = require('assert');
      const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');
      const { createNamespace, getNamespace } = require('context');
      const cls = require('context/cls').createNamespace('cls');
      const domain = require('context/domain');
      const manager = new (require('context/opentelemetry').ContextManager)();
      let count = 0;
      const look = (what) => {
        const others = [getNamespace('other')?.isActive() ?? false, cls.active ?? null, manager.active(), domain.active];
        assert.deepStrictEqual([current(), ...others], ['default', false, null, ROOT_CONTEXT, undefined], what);
      };
      const check = (fix, what, change) => new Promise((done) => {
        const promise = run('a', () => fix(Promise.resolve().then(() => { change(); return 'value'; })));
        const outcome = promise.catch(({ message }) => message);
        setImmediate(() => look(what));
        setImmediate(() => fix(Promise.resolve()).then(() => { if (what !== 'exits') change(); }).catch(() => {}));
        setImmediate(async () => {
          assert.strictEqual(await outcome, what.startsWith('throws') ? 'in the domain' : 'value');
          look(what);
          count++;
          setImmediate(done);
        });
      });
      (async () => {
        for (const fixing of ${JSON.stringify(fixings)}) {
          for (const [what, change] of Object.entries(${changes})) await check(Object[fixing], what, change);
        }
        console.log(count);
      })();
    `);

  // Hooks that are switched on in a reaction have Node.js write an async id on its promise when it is over. It does not
  // survive that, nor does it with an AsyncLocalStorage (on 20 and 22; later ones have hooks on from the start).
  it('may be that of the first reaction of a process, as far as Node.js allows it', async () => {
    const { code, stdout, stderr } = await runNode(`
      const { enter, log } = require('./test/support/subject');
      Object.freeze(Promise.resolve().then(() => { enter('a'); log('entered'); setImmediate(() => log('started')); }));
      setImmediate(() => log('later'));
    `);
    if (code !== 0 && engine === 'async-hooks' && /at trackPromise \(node:internal/.test(stderr)) return;
    assert.deepStrictEqual({ code, stdout, stderr }, { code: 0, stdout: 'entered a\nlater default\nstarted a\n', stderr: '' });
  });

  for (const fixing of fixings) {
    it(`may be that of an async function: Object.${fixing}`, () =>
      subjectSteps('in the function b | after exit a | outside default')`
        const promise = run('a', () => Object.${fixing}((async () => {
          await null;
          enter('b');
          await turn();
          log('in the function');
          exit();
          await turn();
          log('after exit');
        })()));
        promise.then(() => log('outside'));
      `);
  }

  it('has what its reaction entered active in the handler of its rejection, as another promise has', () =>
    subjectSteps('rejected a | rejected a | later default')`
      process.on('unhandledRejection', (error) => log(error));
      run('x', () => {});
      for (const fix of [(promise) => promise, Object.freeze]) {
        fix(Promise.resolve().then(() => { enter('a'); throw 'rejected'; }));
      }
      setImmediate(() => log('later'));
    `);

  it('has what its reaction entered active in the then of a thenable that this returned', () =>
    subjectSteps('then a | after default')`
      run('x', () => {});
      const thenable = { then(resolve) { log('then'); resolve(); } };
      Object.freeze(Promise.resolve().then(() => { enter('a'); return thenable; })).then(() => log('after'));
    `);
});

describe('an async resource that can get no property', () => {
  for (const fixing of fixings) {
    const twice = 'early default | scope a | scope b';
    it(`carries the context that it was made in, and keeps nothing of what its callbacks enter: Object.${fixing}`, () =>
      subjectSteps(`${twice} | ${twice} | outside default${' | started y'.repeat(4)}`)`
        class Fixed extends AsyncResource {
          constructor() {
            super('Fixed');
            Object.${fixing}(this);
          }
        }
        const early = new Fixed();
        const fixed = ['a', 'b'].map((name) => run(name, () => new Fixed()));
        for (let turns = 0; turns < 2; turns++) {
          early.runInAsyncScope(() => { log('early'); enter('x'); });
          for (const resource of fixed) {
            resource.runInAsyncScope(() => { log('scope'); enter('y'); setImmediate(() => log('started')); });
          }
        }
        log('outside');
      `);
  }

  it('may be a timer that is used again', () =>
    subjectSteps('fired default | interval c | fired of 1 | fired of 2')`
      let [fired, isSeen] = [0, false];
      const timer = Object.preventExtensions(setTimeout(() => {
        log('fired');
        enter('x');
        // Once it has fired, it becomes a resource anew.
        if (++fired < 3) run('around', () => setImmediate(() => run('of ' + fired, () => timer.refresh())));
      }, 1));
      const interval = run('c', () => Object.preventExtensions(setInterval(() => {
        if (!isSeen || current() !== 'c') log('interval');
        isSeen = true;
        enter('x');
        if (fired === 3) clearInterval(interval);
      }, 1)));
    `);

  it('may be the handle of a socket that an agent uses again', () =>
    subjectSteps(`${['a', 'b', 'c'].map((name) => `response ${name} | end ${name}`).join(' | ')} | closed default`)`
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      agent.on('free', (socket) => Object.preventExtensions(socket._handle));
      const server = http.createServer((request, response) => response.end());
      const get = (port, name) => run(name, () => new Promise((resolve) => {
        http.get({ port, agent }, (response) => {
          log('response');
          response.on('data', () => {}).on('end', () => { log('end'); resolve(); });
        });
      }));
      server.listen(0, async () => {
        const { port } = server.address();
        for (const name of ['a', 'b', 'c']) await get(port, name);
        agent.destroy();
        server.close(() => log('closed'));
      });
    `);
});
