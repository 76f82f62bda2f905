'use strict';

const { engine } = require('context');

const { hasOwnPromiseHooks } = require('../support/own-promise-hooks');
const { linesOfThread, steps, stepsInOrder, stepsOf } = require('../support/steps');
const { assertOneCame, assertOneComes, assertOneWasThere, moments } = require('./support/others');

// Also where Node.js always tracks promises: who comes and goes changes nothing there.
if (engine === 'async-hooks') {
  describe('promises, with nobody else who has Node.js track them', () => {
    it('are tracked by Node.js because of this package only where V8 does not report them', () =>
      stepsInOrder(`awaited a | ${!hasOwnPromiseHooks} false`)`
        named('a').run(async () => {
          const tracked = await isTracked();
          log('awaited');
          console.log(tracked, Object.isFrozen(promiseHooks));
        });
      `);

    it('are tracked from the moment on in which somebody wants it, and afterwards', () =>
      stepsInOrder('true | entered store a | disabled a | true true')`
        const { createHook: original } = promiseHooks;
        named('a').run(async () => {
          await null;
          const store = new AsyncLocalStorage();
          store.enterWith('store');
          console.log(await isTracked());
          await null;
          log('entered ' + store.getStore());
          store.disable();
          await turn();
          log('disabled');
          console.log(await isTracked(), promiseHooks.createHook === original);
        });
      `);

    it('leave nothing behind when an exception leaves scopes in a reaction', () =>
      steps('caught a | uncaught tick a | turned a | later default')`
        process.on('uncaughtException', (error) => log('uncaught ' + error.message));
        named('a').run(async () => {
          await null;
          try {
            new AsyncResource('scope').runInAsyncScope(() => { named('b').enter(); throw new Error('caught'); });
          } catch { log('caught'); }
          process.nextTick(() => { throw new Error('tick'); });
          await turn();
          log('turned');
        });
        setImmediate(() => setImmediate(() => log('later')));
      `);
  });

  describe('the handlers of a rejection', () => {
    const ofEach = 'before a default | after a of a | before b default | after b of b';

    it('are each in the scope of their promise: what one enters is not seen by the next', () =>
      stepsInOrder(`${ofEach} | before c c | after c of c | tick of a of a | tick of b of b | tick of c of c | timer default`)`
        const { emit } = process;
        process.on('unhandledRejection', (name, promise) => {
          log('before ' + name);
          named('of ' + name).enter();
          log('after ' + name);
          process.nextTick(() => log('tick of ' + name));
        });
        namespace.run(() => {});
        assert.strictEqual(process.emit, emit);
        for (const name of ['a', 'b']) Promise.reject(name);
        named('c').run(() => { Object.freeze(Promise.reject('c')); });
        setTimeout(() => log('timer'), 5);
      `);

    it('are in the context of the promise if somebody has promises tracked between rejection and handler', () =>
      steps('handler of a a | handler of b b | handler of c c | later default')`
        process.on('unhandledRejection', (name) => log('handler of ' + name));
        const store = new AsyncLocalStorage();
        named('a').run(() => { Promise.reject('a'); });
        store.enterWith('store');
        named('b').run(() => { Promise.reject('b'); });
        named('c').run(async () => { await null; throw 'c'; });
        setImmediate(() => log('later'));
      `);

    it('are each in the scope of their promise if that was made before the first entry', () =>
      stepsInOrder(`${ofEach} | timer default`)`
        process.on('unhandledRejection', (name) => {
          log('before ' + name);
          named('of ' + name).enter();
          log('after ' + name);
        });
        for (const name of ['a', 'b']) Promise.resolve().then(() => { throw name; });
        namespace.run(() => {});
        setTimeout(() => log('timer'), 5);
      `);

    it('have ids that can be handed to an AsyncResource', () =>
      stepsInOrder('handler a')`
        const { triggerAsyncId } = require('async_hooks');
        process.on('unhandledRejection', () => {
          for (const id of [executionAsyncId(), triggerAsyncId()]) new AsyncResource('resource', { triggerAsyncId: id });
          log('handler');
        });
        named('a').run(() => { Promise.reject(new Error('rejected')); });
      `);
  });

  describe('somebody who has promises tracked', () => {
    // All who do, at all moments, are in promise-hooks.long.test.js.
    for (const when of Object.keys(moments))
      it(`an AsyncLocalStorage, ${when}`, () => assertOneComes('an AsyncLocalStorage', when));
    for (const who of ['a hook', 'a hook without init', 'domain'])
      it(`${who}, in a reaction`, () => assertOneComes(who, 'in a reaction'));

    for (const who of ['an AsyncLocalStorage', 'a hook']) {
      it(`${who}, for a moment, in the turn of the first entry`, () => assertOneCame(who));
      it(`${who}, before the first entry`, () => assertOneWasThere(who));
    }

    for (const kinds of ['before', 'after', 'before,after', 'init', 'destroy', 'promiseResolve', 'init,promiseResolve']) {
      it(`goes on to see the ${kinds.replaceAll(',', ' and ')} of promises if it began before the first entry`, () =>
        stepsInOrder('true true')`
          const seen = new Set();
          const kinds = ${JSON.stringify(kinds)}.split(',');
          createHook(Object.fromEntries(kinds.map((kind) => [kind, () => seen.add(kind)]))).enable();
          const pass = async () => { for (let turns = 0; turns < 5; turns++) await null; global.gc(); await turn(); await turn(); };
          pass().then(async () => {
            const expected = [...seen].sort();
            seen.clear();
            await named('a').run(pass);
            console.log(expected.length === kinds.length, String([...seen].sort()) === String(expected));
          });
        `);
    }

    if (hasOwnPromiseHooks) {
      it('may begin in a listener that is called for the listener which the first entry adds to the process', () =>
        stepsInOrder('store a')`
          const store = new AsyncLocalStorage();
          process.once('newListener', () => { store.enterWith('store'); });
          named('a').run(async () => { await turn(); log(String(store.getStore())); });
          process.on('some event', () => {});
        `);
    }

    it('sees each promise with an id of its own', () =>
      stepsInOrder('9')`
        const ids = new Set();
        const note = async () => { for (let i = 0; i < 3; i++) { await turn(); ids.add(executionAsyncId()); } };
        const all = named('a').run(() => [note(), note(), note()]);
        named('b').run(() => createHook({ init() {} }).enable());
        Promise.all(all).then(() => console.log(ids.size));
      `);
  });

  describe('what a reaction enters belongs to its promise', () => {
    const thenable = (name) => `{ then(resolve) { log('then of ${name}'); resolve(); } }`;

    it('if it has promises tracked before it enters', () =>
      steps('then of a a | handler of b b')`
        process.on('unhandledRejection', (reason) => log('handler of ' + reason));
        const [one, two] = [turn(), turn()];
        named('x').run(() => {
          one.then(() => {
            new AsyncLocalStorage().enterWith('store');
            named('a').enter();
            return ${thenable('a')};
          });
          two.then(() => { named('b').enter(); throw 'b'; });
        });
      `);

    it('if it is the first one that runs after somebody has begun to have promises tracked', () =>
      steps('then of a a')`
        const store = new AsyncLocalStorage();
        let resolve;
        named('x').run(() => new Promise((done) => (resolve = done)).then(() => {
          named('a').enter();
          return ${thenable('a')};
        }));
        setTimeout(() => { resolve(); store.enterWith('store'); }, 1);
      `);

    it('if it was not seen how somebody began to have promises tracked', () =>
      steps('then of a a')`
        const { createHook: original } = promiseHooks;
        namespace.run(() => {});
        promiseHooks.createHook = original;
        new AsyncLocalStorage().enterWith('store');
        named('x').run(() => turn().then(() => { named('a').enter(); return ${thenable('a')}; }));
      `);
  });

  describe("promise hooks of the application's own", () => {
    for (const when of ['before', 'after']) {
      it(`that are created ${when} the first entry, see all promises until they are stopped`, () =>
        stepsInOrder('awaited a | turned a | true true true true | true | stopped a')`
          const seen = { init: 0, before: 0, after: 0, settled: 0 };
          const hooks = Object.fromEntries(Object.keys(seen).map((name) => [name, () => { seen[name]++; }]));
          const enter = () => named('a').enter();
          let stop;
          (async () => {
            await null;
            ${when === 'after' ? 'enter();' : ''}
            stop = promiseHooks.createHook(hooks);
            ${when === 'before' ? 'enter();' : ''}
            await null;
            log('awaited');
            await turn();
            log('turned');
            stop();
            const { init, before, after, settled } = seen;
            console.log(init > 2, before > 0, after > 0, settled > 0);
            await null;
            console.log(seen.init === init && seen.settled === settled);
            log('stopped');
          })();
        `);
    }

    for (const event of ['init', 'before', 'after', 'settled']) {
      for (const order of ['earlier', 'later']) {
        it(`may have promises tracked in their ${event}, if they are created ${order} than the first entry`, () =>
          steps('reaction b | awaited a | turned a | false | reaction, later b | timer default')`
            const store = new AsyncLocalStorage();
            let on = false;
            const create = () => promiseHooks.createHook({ ${event}() { if (on) { on = false; store.enterWith('store'); } } });
            ${order === 'earlier' ? 'create();' : ''}
            named('a').run(async () => {
              await null;
              ${order === 'later' ? 'create();' : ''}
              on = true;
              await null;
              log('awaited');
              await turn();
              log('turned');
              console.log(on);
            });
            named('b').run(() => Promise.resolve().then(() => log('reaction')).then(turn).then(() => log('reaction, later')));
            setTimeout(() => log('timer'), 5);
          `);
      }
    }
  });

  describe('v8.promiseHooks.createHook', () => {
    it('may have been replaced by somebody before, who still sees what is created', () =>
      stepsInOrder('awaited a | tracked a | true true')`
        const { createHook: original } = promiseHooks;
        let calls = 0;
        promiseHooks.createHook = function (hooks) { calls++; return original.call(this, hooks); };
        const replaced = promiseHooks.createHook;
        named('a').run(async () => {
          await null;
          log('awaited');
          new AsyncLocalStorage().enterWith('store');
          await null;
          log('tracked');
          console.log(calls > 0, promiseHooks.createHook === replaced);
        });
      `);

    it('may be put back by somebody who knows no better', () =>
      steps('put back a | awaited a | turned a | run store b | after default | timer default')`
        const { createHook: original } = promiseHooks;
        named('a').run(async () => {
          await null;
          promiseHooks.createHook = original;
          const store = new AsyncLocalStorage();
          store.enterWith('store');
          log('put back');
          await null;
          log('awaited');
          await turn();
          log('turned');
          named('b').run(async () => { await null; log('run ' + store.getStore()); });
        }).then(() => log('after'));
        setTimeout(() => log('timer'), 5);
      `);

    for (const [how, program] of Object.entries({
      frozen: 'Object.freeze(promiseHooks);',
      'an accessor':
        "const get = ((original) => () => original)(promiseHooks.createHook); Object.defineProperty(promiseHooks, 'createHook', { get, configurable: true });",
    })) {
      it(`may be ${how}`, () =>
        stepsInOrder('awaited a | turned a | after default')`
          ${program}
          named('a').run(async () => {
            await null;
            log('awaited');
            new AsyncLocalStorage().enterWith('store');
            await turn();
            log('turned');
          }).then(() => log('after'));
        `);
    }

    it('is what it was, to those who look at it', () =>
      stepsInOrder('createHook {"writable":true,"enumerable":true,"configurable":true}')`
        namespace.run(() => {});
        const { name, length } = promiseHooks.createHook;
        const { value, get, set, ...flags } = Object.getOwnPropertyDescriptor(promiseHooks, 'createHook');
        console.log(name, JSON.stringify(flags));
        assert.throws(() => promiseHooks.createHook({ init: 'no function' }), { code: 'ERR_INVALID_ARG_TYPE' });
        assert.strictEqual(typeof promiseHooks.createHook(), 'function');
      `);
  });

  describe('microtasks that run in the middle of a callback', () => {
    const nested = (name) => `vm.runInNewContext(
      "Promise.resolve().then(() => { log('nested'); enter('inside'); log('nested, entered'); }).then(() => log('nested, next'))",
      { log, enter: (name) => named(name).enter() },
      { microtaskMode: 'afterEvaluate' },
    ); log('${name}');`;
    const around = 'nested a | nested, entered inside | nested, next a | around a';

    for (const [where, [program, after = '']] of Object.entries({
      'the main script': [`named('a').run(() => { ${nested('around')} });`],
      'an immediate': [`named('a').run(() => { setImmediate(() => { ${nested('around')} }); });`],
      'a reaction': [
        `named('a').run(async () => { await null; ${nested('around')} await null; log('awaited'); });`,
        '| awaited a',
      ],
      'a scope in a reaction': [
        `named('x').run(async () => { await null; new AsyncResource('scope').runInAsyncScope(() => named('a').run(() => ` +
          `{ ${nested('around')} })); });`,
      ],
      'an async function twice': [
        `named('a').run(async () => { await null; ${nested('around')} await null; ${nested('again')} });`,
        '| nested a | nested, entered inside | nested, next a | again a',
      ],
    })) {
      it(`have their contexts, and leave that alone: ${where}`, () =>
        stepsInOrder(`${around} ${after} | later default`)`
          ${program}
          setImmediate(() => setImmediate(() => log('later')));
        `);
    }

    it('are seen by hooks of others once', () =>
      stepsInOrder(`${around} | 1`)`
        named('a').run(() => { ${nested('around')} });
        const events = [];
        createHook({ init() {}, before(id) { events.push(id); }, after() {}, destroy() {} }).enable();
        Promise.resolve().then(() => console.log(events.filter((id) => id === executionAsyncId()).length));
      `);

    it('have their contexts if Node.js is asked to run them', () =>
      stepsInOrder('reaction b | immediate a')`
        named('a').run(() => setImmediate(() => {
          named('b').run(() => { Promise.resolve().then(() => log('reaction')); });
          process._tickCallback();
          log('immediate');
        }));
      `);

    // Where Node.js tracks promises, it ends the process: its stack of async ids is corrupt.
    if (!hasOwnPromiseHooks) return;

    it('leave nothing behind if they are cut short', () =>
      stepsInOrder('rest b | next default')`
        namespace.run(() => {});
        let isInside;
        const enter = () => { named('a').enter(); isInside = true; };
        const context = vm.createContext({ enter }, { microtaskMode: 'afterEvaluate' });
        named('b').run(() => setImmediate(() => {
          // Again, if its time was over before it was inside.
          while (!isInside) {
            const endless = 'Promise.resolve().then(() => { enter(); for (;;); })';
            assert.throws(() => vm.runInContext(endless, context, { timeout: 20 }), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
          }
          log('rest');
        }));
        setImmediate(() => setImmediate(() => log('next')));
      `);

    for (const [what, begin] of Object.entries({
      'a hook': 'createHook({ init() {} }).enable()',
      'a store': "new AsyncLocalStorage().run('store', () => {})",
    })) {
      const begun = 'inside a | begun a';
      it(`may have Node.js track promises, by ${what}, in a reaction in which the first entry was made`, () =>
        stepsInOrder(`${begun} | after a | awaited a | ${begun} | again a | outside default | timer a`)`
          const context = vm.createContext(
            { begin: () => { namespace.run(() => {}); log('inside'); ${begin}; log('begun'); } },
            { microtaskMode: 'afterEvaluate' },
          );
          const main = async () => {
            await turn();
            await named('a').run(async () => {
              vm.runInContext('Promise.resolve().then(() => begin())', context);
              log('after');
              setTimeout(() => log('timer'), 1);
              await null;
              log('awaited');
              vm.runInContext('Promise.resolve().then(() => begin())', context);
              log('again');
            });
            log('outside');
          };
          main();
        `);
    }

    it('have Node.js track promises if there are modules of node:vm, or if scripts can not be watched', async () => {
      const program = "named('a').run(async () => { const tracked = await isTracked(); log(tracked); });";
      const withModules = (whole) => linesOfThread(whole, { execArgv: ['--experimental-vm-modules'] });
      await stepsInOrder('true a', withModules)`${program}`;
      await stepsInOrder('true a')`Object.freeze(Object.getPrototypeOf(vm.Script.prototype)); ${program}`;
      await stepsInOrder('false a')`${program}`;
    });

    it('leave the results of scripts as they were, and classes of errors', () =>
      stepsOf(`
        const scripts = Object.getPrototypeOf(vm.Script.prototype);
        const { runInContext } = scripts;
        const described = Object.getOwnPropertyDescriptors(Error);
        namespace.run(() => {});
        assert.notStrictEqual(scripts.runInContext, runInContext);
        for (const next of [() => createHook({ init() {} }).enable(), () => {}]) {
          assert.strictEqual(vm.runInNewContext('one + 1', { one: 1 }), 2);
          assert.throws(() => vm.runInThisContext('throw new RangeError("thrown")'), { name: 'RangeError', message: 'thrown' });
          next();
        }
        assert.deepStrictEqual(Object.getOwnPropertyDescriptors(Error), described);
      `));
  });
}
