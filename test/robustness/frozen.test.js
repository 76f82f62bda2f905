'use strict';

const assert = require('node:assert');

const { engine } = require('context');

const { runNode } = require('../support/child');
const { buildNativeScopes } = require('../support/native-scopes');

/** By name, the ways to keep an object from taking a property. */
const fixings = ['freeze', 'seal', 'preventExtensions'];

/** What a program prints, which must end well: an error inside of a hook would end its process. */
async function outputOf(program) {
  const { code, stdout, stderr } = await runNode(`
    const { AsyncResource } = require('async_hooks');
    const http = require('http');
    const { createNamespace, getNamespace } = require('context');
    const { enter, exit, log, run } = require('./test/support/subject');
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    ${program}
  `);
  assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: '' });
  return stdout.trimEnd().split('\n');
}

/** By what is done in a reaction to a promise: what to do. It changes what is active there. */
const changes = {
  enters: `enter('b');`,
  exits: `exit();`,
  'enters in two namespaces': `enter('b'); (getNamespace('other') ?? createNamespace('other')).createContext().enter();`,
  'enters with context/cls': `
    const cls = require('context/cls').createNamespace('cls');
    cls.enter(cls.createContext());`,
  'sets the active context of context/cls': `
    const cls = require('context/cls').createNamespace('cls');
    cls.active = cls.createContext();`,
  'attaches with context/opentelemetry': `
    const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');
    const manager = new (require('context/opentelemetry').ContextManager)();
    manager.attach(ROOT_CONTEXT.setValue(createContextKey('key'), 'b'));`,
  'enters a domain of context/domain': `require('context/domain').create().enter();`,
  'throws in a domain of context/domain': `
    require('context/domain').create().on('error', () => {}).run(() => { throw new Error('in the domain'); });`,
};

describe('a promise that takes no property', () => {
  for (const fixing of fixings) {
    for (const [what, change] of Object.entries(changes)) {
      it(`may be that of a reaction which ${what}: Object.${fixing}`, async () => {
        const lines = await outputOf(`
          const promise = run('a', () => Object.${fixing}(Promise.resolve().then(() => { ${change} return 'value'; })));
          promise.then(
            (value) => console.log('fulfilled', value),
            (error) => console.log('rejected', error.message),
          );
          setImmediate(() => log('later'));
          setImmediate(() => Object.${fixing}(Promise.resolve()).then(() => { ${change === changes.exits ? '' : change} }).catch(() => {}));
          process.on('exit', () => log('exit'));
        `);
        const outcome = what.startsWith('throws') ? 'rejected in the domain' : 'fulfilled value';
        assert.deepStrictEqual(lines, [outcome, 'later default', 'exit default']);
      });
    }

    // Hooks that are switched on in a reaction have Node.js write an async id on its promise when it is over. It does not
    // survive that, nor does it with an AsyncLocalStorage (on 20 and 22; later ones have hooks on from the start).
    it(`may be that of the first reaction of a process, as far as Node.js allows it: Object.${fixing}`, async () => {
      const { code, stdout, stderr } = await runNode(`
        const { enter, log } = require('./test/support/subject');
        Object.${fixing}(Promise.resolve().then(() => { enter('a'); log('entered'); setImmediate(() => log('started')); }));
        setImmediate(() => log('later'));
      `);
      if (code !== 0 && engine === 'async-hooks' && /at trackPromise \(node:internal/.test(stderr)) return;
      assert.deepStrictEqual(
        { code, stdout, stderr },
        { code: 0, stdout: 'entered a\nlater default\nstarted a\n', stderr: '' },
      );
    });

    it(`may be that of an async function: Object.${fixing}`, async () => {
      const lines = await outputOf(`
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
      assert.deepStrictEqual(lines, ['in the function b', 'after exit a', 'outside default']);
    });

    it(`has its handlers run where they were put on it: Object.${fixing}`, async () => {
      const lines = await outputOf(`
        const fixed = run('a', () => Object.${fixing}(turn()));
        run('b', () => fixed.then(() => log('then')));
        run('c', async () => { await fixed; log('awaited'); });
        fixed.finally(() => log('finally'));
      `);
      assert.deepStrictEqual(lines, ['then b', 'awaited c', 'finally default']);
    });
  }

  it('has what its reaction entered active in the handler of its rejection, as another promise has', async () => {
    const lines = await outputOf(`
      process.on('unhandledRejection', (error) => log(error));
      run('x', () => {});
      for (const fix of [(promise) => promise, Object.freeze]) {
        fix(Promise.resolve().then(() => { enter('a'); throw 'rejected'; }));
      }
      setImmediate(() => log('later'));
    `);
    assert.deepStrictEqual(lines, ['rejected a', 'rejected a', 'later default']);
  });

  it('has what its reaction entered active in the then of a thenable that this returned', async () => {
    const lines = await outputOf(`
      run('x', () => {});
      const thenable = { then(resolve) { log('then'); resolve(); } };
      Object.freeze(Promise.resolve().then(() => { enter('a'); return thenable; })).then(() => log('after'));
    `);
    assert.deepStrictEqual(lines, ['then a', 'after default']);
  });
});

describe('an async resource that takes no property', () => {
  let native;

  before(function () {
    this.timeout(120_000);
    native = `const { call, callInContext } = require(${JSON.stringify(buildNativeScopes())});`;
  });

  for (const fixing of fixings) {
    it(`carries the context that it was made in, and keeps nothing of what its callbacks enter: Object.${fixing}`, async () => {
      const lines = await outputOf(`
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
      const twice = ['early default', 'scope a', 'scope b'];
      assert.deepStrictEqual(lines, [...twice, ...twice, 'outside default', ...Array(4).fill('started y')]);
    });

    it(`may be fixed before it is one, as native code makes them: Object.${fixing}`, async () => {
      const lines = await outputOf(`${native}
        const resource = () => Object.${fixing}({});
        callInContext(resource(), () => { log('first'); enter('x'); });
        run('a', () => {
          callInContext(resource(), () => { log('in a'); enter('y'); log('entered'); setImmediate(() => log('started')); });
          log('a');
          call(resource(), () => { log('without a context'); enter('z'); });
          call(resource(), () => log('another without a context'));
          log('still a');
        });
        callInContext(resource(), () => log('last'));
      `);
      assert.deepStrictEqual(lines, [
        'first default',
        'in a a',
        'entered y',
        'a a',
        'without a context default',
        'another without a context default',
        'still a a',
        'last default',
        'started y',
      ]);
    });
  }

  it('may be a timer that is used again', async () => {
    const lines = await outputOf(`
      let fired = 0;
      const timer = Object.preventExtensions(setTimeout(() => {
        log('fired');
        enter('x');
        // Once it has fired, it becomes a resource anew.
        if (++fired < 3) run('around', () => setImmediate(() => run('of ' + fired, () => timer.refresh())));
      }, 1));
      const interval = run('c', () => Object.preventExtensions(setInterval(() => {
        log('interval');
        enter('x');
        if (fired === 3) clearInterval(interval);
      }, 1)));
    `);
    const fired = lines.filter((line) => line.startsWith('fired'));
    assert.deepStrictEqual(fired, ['fired default', 'fired of 1', 'fired of 2']);
    assert.deepStrictEqual(new Set(lines.filter((line) => line.startsWith('interval'))), new Set(['interval c']));
  });

  it('may be the handle of a socket that an agent uses again', async () => {
    const lines = await outputOf(`
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
    const expected = ['a', 'b', 'c'].flatMap((name) => [`response ${name}`, `end ${name}`]);
    assert.deepStrictEqual(lines, [...expected, 'closed default']);
  });

  it('may be a proxy whose traps throw', async () => {
    const lines = await outputOf(`${native}
      const fail = () => { throw new Error('trap'); };
      // Node.js itself reads from it.
      const traps = { set: fail, has: fail, defineProperty: fail, isExtensible: fail, getOwnPropertyDescriptor: fail, getPrototypeOf: fail };
      const resource = () => new Proxy({}, traps);
      run('a', () => {
        callInContext(resource(), () => { log('in a context'); enter('x'); });
        log('a');
        call(resource(), () => { log('without a context'); enter('y'); });
        log('still a');
      });
      setImmediate(() => log('later'));
    `);
    assert.deepStrictEqual(lines, ['in a context a', 'a a', 'without a context default', 'still a a', 'later default']);
  });
});
