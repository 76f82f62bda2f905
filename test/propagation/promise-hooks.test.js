'use strict';

const assert = require('node:assert');

const { engine } = require('context');

const { runNode } = require('../support/child');
const { buildNativeScopes } = require('../support/native-scopes');
const { hasOwnPromiseHooks } = require('../support/own-promise-hooks');
const { STEPS, stepsOf } = require('../support/steps');

const PROGRAM = `
  const { promiseHooks } = require('v8');
  const vm = require('vm');
  const { createHook: original } = promiseHooks;
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  /** Whether Node.js tracks promises. */
  const isTracked = async () => { await null; return executionAsyncId() !== 0; };
`;

const linesOf = (program) => stepsOf(PROGRAM + program);

/** Asserts what a program prints. */
async function assertLines(program, expected) {
  assert.deepStrictEqual(await linesOf(program), expected);
}

/** Asserts what a program prints, in any order. */
async function assertSteps(program, expected) {
  assert.deepStrictEqual((await linesOf(program)).sort(), [...expected].sort());
}

// Also where Node.js always tells of promises: who comes and goes changes nothing there.
if (engine === 'async-hooks') {
  describe('promises, with nobody else who has Node.js track them', () => {
    it('are tracked by Node.js because of this package only where V8 does not tell of them', () =>
      assertLines(
        `named('a').run(async () => {
        const tracked = await isTracked();
        log('awaited');
        console.log(tracked, Object.isFrozen(promiseHooks));
      });`,
        ['awaited a', `${!hasOwnPromiseHooks} false`],
      ));

    it('are tracked from the moment on in which somebody wants it, and afterwards', () =>
      assertLines(
        `named('a').run(async () => {
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
      });`,
        ['true', 'entered store a', 'disabled a', 'true true'],
      ));

    it('carry the context through code that has no async id, but a resource', () =>
      assertSteps(
        `const { call } = require(${JSON.stringify(buildNativeScopes())});
      named('a').run(async () => {
        await null;
        const receiver = {};
        call(receiver, () => {
          log('native');
          named('b').enter();
          log('native, entered');
          Promise.resolve().then(() => log('reaction of native'));
          call({}, () => log('nested'));
          call(receiver, () => log('same receiver'));
        });
        log('around');
        await null;
        log('awaited');
      });`,
        [
          'native default',
          'native, entered b',
          'reaction of native b',
          'nested default',
          'same receiver b',
          'around a',
          'awaited a',
        ],
      ));

    it('leave nothing behind when an exception leaves scopes in a reaction', () =>
      assertSteps(
        `process.on('uncaughtException', (error) => log('uncaught ' + error.message));
      named('a').run(async () => {
        await null;
        try {
          new AsyncResource('scope').runInAsyncScope(() => { named('b').enter(); throw new Error('caught'); });
        } catch { log('caught'); }
        process.nextTick(() => { throw new Error('tick'); });
        await turn();
        log('turned');
      });
      setImmediate(() => setImmediate(() => log('later')));`,
        ['caught a', 'uncaught tick a', 'turned a', 'later default'],
      ));
  });

  describe('an exception that native code reports in a reaction', () => {
    const setUp = `const { call, report } = require(${JSON.stringify(buildNativeScopes())});
      process.on('uncaughtException', (error) => log('handler of ' + error.message));
      const scope = named('b').run(() => new AsyncResource('scope'));
      setImmediate(() => setImmediate(() => log('later')));`;

    it('is handled in the context of the reaction', () =>
      assertSteps(
        `${setUp}
        named('a').run(async () => {
          await null;
          report(new Error('reaction'));
          Promise.resolve().then(() => log('reaction'));
        });`,
        ['handler of reaction a', `reaction ${hasOwnPromiseHooks ? 'a' : 'default'}`, 'later default'],
      ));

    it('takes its context from the rest of the scope in which it is reported, which gets no other', () =>
      assertSteps(
        `${setUp}
        named('a').run(async () => {
          await null;
          scope.runInAsyncScope(() => {
            log('scope');
            report(new Error('scope'));
            log('rest of the scope');
            Promise.resolve().then(() => log('reaction of the scope'));
          });
          await null;
          log('awaited');
        }).then(() => log('after'));`,
        [
          'after default',
          'awaited default',
          'handler of scope b',
          'later default',
          'reaction of the scope default',
          'rest of the scope default',
          'scope b',
        ],
      ));

    it('takes it from the rest of a scope without an async id', () =>
      assertSteps(
        `${setUp}
        named('a').run(async () => {
          await null;
          call({}, () => {
            log('native');
            report(new Error('native'));
            log('rest of native');
          });
          await null;
          log('awaited');
        });`,
        ['awaited default', 'handler of native default', 'later default', 'native default', 'rest of native default'],
      ));
  });

  describe('the handlers of a rejection', () => {
    it('are each in the scope of their promise: what one enters is not seen by the next', () =>
      assertLines(
        `const { emit } = process;
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
      setTimeout(() => log('timer'), 5);`,
        [
          'before a default',
          'after a of a',
          'before b default',
          'after b of b',
          'before c c',
          'after c of c',
          'tick of a of a',
          'tick of b of b',
          'tick of c of c',
          'timer default',
        ],
      ));

    it('are in the context of the promise if somebody has promises tracked between rejection and handler', () =>
      assertSteps(
        `process.on('unhandledRejection', (name) => log('handler of ' + name));
      const store = new AsyncLocalStorage();
      named('a').run(() => { Promise.reject('a'); });
      store.enterWith('store');
      named('b').run(() => { Promise.reject('b'); });
      named('c').run(async () => { await null; throw 'c'; });
      setImmediate(() => log('later'));`,
        ['handler of a a', 'handler of b b', 'handler of c c', 'later default'],
      ));

    it('are each in the scope of their promise if that was made before the first entry', () =>
      assertLines(
        `process.on('unhandledRejection', (name) => {
        log('before ' + name);
        named('of ' + name).enter();
        log('after ' + name);
      });
      for (const name of ['a', 'b']) Promise.resolve().then(() => { throw name; });
      namespace.run(() => {});
      setTimeout(() => log('timer'), 5);`,
        ['before a default', 'after a of a', 'before b default', 'after b of b', 'timer default'],
      ));

    it('have ids that can be handed to an AsyncResource', () =>
      assertLines(
        `const { triggerAsyncId } = require('async_hooks');
      process.on('unhandledRejection', () => {
        for (const id of [executionAsyncId(), triggerAsyncId()]) new AsyncResource('resource', { triggerAsyncId: id });
        log('handler');
      });
      named('a').run(() => { Promise.reject(new Error('rejected')); });`,
        ['handler a'],
      ));

    it('are in the context of the promise in each mode of --unhandled-rejections', async () => {
      for (const mode of ['throw', 'strict', 'warn', 'none', 'warn-with-error-code']) {
        const { stdout, stderr } = await runNode([
          `--unhandled-rejections=${mode}`,
          '-e',
          `${STEPS}${PROGRAM}
        for (const event of ['unhandledRejection', 'uncaughtException', 'uncaughtExceptionMonitor']) {
          process.on(event, (error) => log(event + ' ' + error.message));
        }
        for (const name of ['a', 'b']) named(name).run(async () => { await null; throw new Error(name); });
        setImmediate(() => log('later'));`,
        ]);
        const lines = stdout.trimEnd().split('\n');
        assert.strictEqual(lines.pop(), 'later default', stderr);
        assert.ok(lines.length >= 2, stdout);
        for (const line of lines) assert.match(line, /^\w+ (a a|b b)$/, `${mode}: ${stdout}`);
      }
    });
  });

  /** Ways to have promises tracked, and to have enough of it. */
  const others = {
    'an AsyncLocalStorage': ["const store = new AsyncLocalStorage(); store.enterWith('store');", 'store.disable();'],
    'a hook': ['const hook = createHook({ init() {}, before() {}, after() {}, destroy() {} }).enable();', 'hook.disable();'],
    'a hook that wants the ends of promises': ['const hook = createHook({ promiseResolve() {} }).enable();', 'hook.disable();'],
    'a hook without init': ['const hook = createHook({ before() {} }).enable();', 'hook.disable();'],
    'a hook of ends': ['const hook = createHook({ after() {} }).enable();', 'hook.disable();'],
    'a hook for nothing': ['const hook = createHook({}).enable();', 'hook.disable();'],
    'two libraries': [
      'const hooks = [createHook({ before() {} }), createHook({ init() {}, after() {} })]; for (const each of hooks) each.enable();',
      'for (const each of hooks) each.disable();',
    ],
    domain: ["require('domain');", ''],
  };

  /** Where somebody begins. */
  const moments = {
    'in a reaction': 'await null; BEGIN; log("begun"); END;',
    'in a reaction, for longer': 'await null; BEGIN; log("begun"); await null; log("awaited"); await turn(); END;',
    'in a scope in a reaction':
      'await null; new AsyncResource("scope").runInAsyncScope(() => { named("inside").enter(); BEGIN; log("begun inside"); END; });',
    'in a call in a reaction': 'await null; named("called").run(() => { BEGIN; log("begun in the call"); END; });',
    'in a tick': 'await new Promise((resolve) => process.nextTick(() => { BEGIN; log("begun"); END; resolve(); }));',
    'in a microtask': 'await new Promise((resolve) => queueMicrotask(() => { BEGIN; log("begun"); END; resolve(); }));',
    'in the then of a thenable': 'await { then(resolve) { BEGIN; log("begun"); resolve(); END; } };',
    'before any reaction': 'BEGIN; log("begun"); END;',
  };

  describe('somebody who has promises tracked', () => {
    for (const [who, [begin, end]] of Object.entries(others)) {
      for (const [when, program] of Object.entries(moments)) {
        it(`${who}, ${when}`, async () => {
          const whole = program.replace('BEGIN', () => begin).replace('END', () => end);
          const lines = await linesOf(`
          const waiting = [];
          const thenable = { then(resolve) { log('then of a thenable'); setImmediate(resolve); } };
          const wait = async (name) => {
            for (let i = 0; i < 20; i++) {
              await (i % 3 ? null : turn());
              if (namespace.get('name') !== name) return log('lost by ' + name);
            }
            log('kept by ' + name);
          };
          const outside = async () => {
            for (let i = 0; i < 20; i++) {
              await (i % 3 ? null : turn());
              if (namespace.isActive()) return log('leaked');
            }
          };
          namespace.run(() => {});
          for (const name of ['a', 'b']) named(name).run(() => { waiting.push(wait(name)); });
          waiting.push(outside());
          const frozen = named('frozen').run(() => Object.freeze(turn().then(() => log('reaction of a frozen promise'))));
          const entering = turn().then(() => { named('entered').enter(); return thenable; });
          named('x').run(async () => {
            ${whole}
            log('goes on');
            await null;
            log('ends');
          }).then(async () => {
            log('after');
            await Promise.all([...waiting, frozen, entering]);
            log('all');
          });
        `);
          const begun = lines.filter((line) => line.startsWith('begun'));
          const expectedBegun = {
            'in a scope in a reaction': ['begun inside inside'],
            'in a call in a reaction': ['begun in the call called'],
          };
          assert.deepStrictEqual(begun, expectedBegun[when] ?? ['begun x']);
          const rest = lines.filter((line) => !line.startsWith('begun') && line !== 'awaited x');
          assert.deepStrictEqual(rest.sort(), [
            'after default',
            'all default',
            'ends x',
            'goes on x',
            'kept by a a',
            'kept by b b',
            'reaction of a frozen promise frozen',
            'then of a thenable entered',
          ]);
        });
      }

      it(`${who}, for a moment, in the turn of the first entry`, () =>
        assertLines(
          `{ ${begin} ${end} }
        named('a').run(async () => { log('begun'); await null; log('awaited'); await turn(); log('turned'); });
        setImmediate(() => log('immediate'));`,
          ['begun a', 'awaited a', 'immediate default', 'turned a'],
        ));

      it(`${who}, before the first entry`, () =>
        assertLines(
          `${begin}
        named('a').run(async () => { log('begun'); await null; ${end} log('awaited'); await turn(); log('turned'); });
        setImmediate(() => log('immediate'));`,
          ['begun a', 'awaited a', 'immediate default', 'turned a'],
        ));
    }

    for (const kinds of ['before', 'after', 'before,after', 'init', 'destroy', 'promiseResolve', 'init,promiseResolve']) {
      it(`goes on to see the ${kinds.replaceAll(',', ' and ')} of promises if it began before the first entry`, () =>
        assertLines(
          `const seen = new Set();
        const kinds = ${JSON.stringify(kinds)}.split(',');
        createHook(Object.fromEntries(kinds.map((kind) => [kind, () => seen.add(kind)]))).enable();
        const pass = async () => { for (let turns = 0; turns < 5; turns++) await null; global.gc(); await turn(); await turn(); };
        pass().then(async () => {
          const expected = [...seen].sort();
          seen.clear();
          await named('a').run(pass);
          console.log(expected.length === kinds.length, String([...seen].sort()) === String(expected));
        });`,
          ['true true'],
        ));
    }

    if (hasOwnPromiseHooks) {
      it('may begin when it is told of the listener that the first entry adds to the process', () =>
        assertLines(
          `const store = new AsyncLocalStorage();
        process.once('newListener', () => { store.enterWith('store'); });
        named('a').run(async () => { await turn(); log(String(store.getStore())); });
        process.on('some event', () => {});`,
          ['store a'],
        ));
    }

    it('keeps its stores, before and after', () =>
      assertLines(
        `const [early, late] = [new AsyncLocalStorage(), new AsyncLocalStorage()];
      early.run('early', () => named('a').run(async () => {
        await null;
        await late.run('late', async () => {
          await null;
          log(String([early.getStore(), late.getStore() ?? "none"]));
          await turn();
          log(String([early.getStore(), late.getStore() ?? "none"]));
        });
        log(String([early.getStore(), late.getStore() ?? "none"]));
      }));`,
        ['early,late a', 'early,late a', 'early,none a'],
      ));

    it('is told of each promise by an id of its own', () =>
      assertLines(
        `const ids = new Set();
      const note = async () => { for (let i = 0; i < 3; i++) { await turn(); ids.add(executionAsyncId()); } };
      const all = named('a').run(() => [note(), note(), note()]);
      named('b').run(() => createHook({ init() {} }).enable());
      Promise.all(all).then(() => console.log(ids.size));`,
        ['9'],
      ));
  });

  describe('what a reaction enters belongs to its promise', () => {
    const thenable = (name) => `{ then(resolve) { log('then of ${name}'); resolve(); } }`;

    it('if it has promises tracked before it enters', () =>
      assertSteps(
        `process.on('unhandledRejection', (reason) => log('handler of ' + reason));
      const [one, two] = [turn(), turn()];
      named('x').run(() => {
        one.then(() => {
          new AsyncLocalStorage().enterWith('store');
          named('a').enter();
          return ${thenable('a')};
        });
        two.then(() => { named('b').enter(); throw 'b'; });
      });`,
        ['then of a a', 'handler of b b'],
      ));

    it('if it is the first one that runs after somebody has begun to have promises tracked', () =>
      assertSteps(
        `const store = new AsyncLocalStorage();
      let resolve;
      named('x').run(() => new Promise((done) => (resolve = done)).then(() => {
        named('a').enter();
        return ${thenable('a')};
      }));
      setTimeout(() => { resolve(); store.enterWith('store'); }, 1);`,
        ['then of a a'],
      ));

    it('if it was not seen how somebody began to have promises tracked', () =>
      assertSteps(
        `namespace.run(() => {});
      promiseHooks.createHook = original;
      new AsyncLocalStorage().enterWith('store');
      named('x').run(() => turn().then(() => { named('a').enter(); return ${thenable('a')}; }));`,
        ['then of a a'],
      ));
  });

  describe("promise hooks of the application's own", () => {
    for (const when of ['before', 'after']) {
      it(`that are created ${when} the first entry, are told of all promises until they are stopped`, () =>
        assertLines(
          `const seen = { init: 0, before: 0, after: 0, settled: 0 };
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
        })();`,
          ['awaited a', 'turned a', 'true true true true', 'true', 'stopped a'],
        ));
    }

    for (const event of ['init', 'before', 'after', 'settled']) {
      for (const order of ['earlier', 'later']) {
        it(`may have promises tracked in their ${event}, if they are created ${order} than the first entry`, () =>
          assertSteps(
            `const store = new AsyncLocalStorage();
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
          setTimeout(() => log('timer'), 5);`,
            ['reaction b', 'awaited a', 'turned a', 'false', 'reaction, later b', 'timer default'],
          ));
      }
    }
  });

  describe('v8.promiseHooks.createHook', () => {
    it('may have been replaced by somebody before, who still sees what is created', () =>
      assertLines(
        `let calls = 0;
      promiseHooks.createHook = function (hooks) { calls++; return original.call(this, hooks); };
      const replaced = promiseHooks.createHook;
      named('a').run(async () => {
        await null;
        log('awaited');
        new AsyncLocalStorage().enterWith('store');
        await null;
        log('tracked');
        console.log(calls > 0, promiseHooks.createHook === replaced);
      });`,
        ['awaited a', 'tracked a', 'true true'],
      ));

    it('may be put back by somebody who knows no better', () =>
      assertSteps(
        `named('a').run(async () => {
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
      setTimeout(() => log('timer'), 5);`,
        ['put back a', 'awaited a', 'turned a', 'run store b', 'after default', 'timer default'],
      ));

    for (const [how, program] of Object.entries({
      frozen: 'Object.freeze(promiseHooks);',
      'an accessor': "Object.defineProperty(promiseHooks, 'createHook', { get: () => original, configurable: true });",
    })) {
      it(`may be ${how}`, () =>
        assertLines(
          `${program}
        named('a').run(async () => {
          await null;
          log('awaited');
          new AsyncLocalStorage().enterWith('store');
          await turn();
          log('turned');
        }).then(() => log('after'));`,
          ['awaited a', 'turned a', 'after default'],
        ));
    }

    it('is what it was, to those who look at it', () =>
      assertLines(
        `namespace.run(() => {});
      const { name, length } = promiseHooks.createHook;
      const { value, get, set, ...flags } = Object.getOwnPropertyDescriptor(promiseHooks, 'createHook');
      console.log(name, JSON.stringify(flags));
      assert.throws(() => promiseHooks.createHook({ init: 'no function' }), { code: 'ERR_INVALID_ARG_TYPE' });
      assert.strictEqual(typeof promiseHooks.createHook(), 'function');`,
        ['createHook {"writable":true,"enumerable":true,"configurable":true}'],
      ));
  });

  describe('microtasks that run in the middle of a callback', () => {
    const nested = (name) => `vm.runInNewContext(
    "Promise.resolve().then(() => { log('nested'); enter('inside'); log('nested, entered'); }).then(() => log('nested, next'))",
    { log, enter: (name) => named(name).enter() },
    { microtaskMode: 'afterEvaluate' },
  ); log('${name}');`;
    const nestedLines = (name) => [`nested ${name}`, 'nested, entered inside', `nested, next ${name}`];

    for (const [where, program] of Object.entries({
      'the main script': `named('a').run(() => { ${nested('around')} });`,
      'an immediate': `named('a').run(() => { setImmediate(() => { ${nested('around')} }); });`,
      'a reaction': `named('a').run(async () => { await null; ${nested('around')} await null; log('awaited'); });`,
      'a scope in a reaction':
        `named('x').run(async () => { await null; new AsyncResource('scope').runInAsyncScope(() => named('a').run(() => ` +
        `{ ${nested('around')} })); });`,
      'an async function twice': `named('a').run(async () => { await null; ${nested('around')} await null; ${nested('again')} });`,
    })) {
      it(`have their contexts, and leave that alone: ${where}`, async () => {
        const lines = await linesOf(`${program} setImmediate(() => setImmediate(() => log('later')));`);
        const runs = lines.filter((line) => /^(around|again)/.test(line));
        assert.deepStrictEqual(lines.slice(0, 4), [...nestedLines('a'), 'around a']);
        assert.deepStrictEqual(new Set(runs.map((line) => line.split(' ')[1])), new Set(['a']));
        assert.strictEqual(lines.at(-1), 'later default');
      });
    }

    it('are told to hooks of others once', () =>
      assertLines(
        `named('a').run(() => { ${nested('around')} });
      const events = [];
      createHook({ init() {}, before(id) { events.push(id); }, after() {}, destroy() {} }).enable();
      Promise.resolve().then(() => console.log(events.filter((id) => id === executionAsyncId()).length));`,
        [...nestedLines('a'), 'around a', '1'],
      ));

    // Where Node.js tracks promises, it ends the process: its stack of async ids is corrupt.
    if (hasOwnPromiseHooks) {
      const setUp = `const rejected = [1, 2, 3].map(() => Promise.reject(new Error('handled later')));
        process.on('unhandledRejection', () => {});
        const sandbox = () => ({ log, enter: () => named('a').enter(), first: () => namespace.run(() => {}) });
        const cut = (program, options = {}, context = vm.createContext(sandbox(), { microtaskMode: 'afterEvaluate' })) => {
          assert.throws(() => vm.runInContext(program, context, { timeout: 20, ...options }), {
            code: 'ERR_SCRIPT_EXECUTION_TIMEOUT',
          });
        };
        const steps = [];
        process.on('rejectionHandled', () => { steps.shift()(); });
        /** Calls the steps as Node.js calls the handlers of rejections that are handled late: outside of all callbacks. */
        const handle = (...all) => {
          steps.push(...all);
          setTimeout(() => { for (const promise of rejected.splice(0, all.length)) promise.catch(() => {}); }, 5);
        };`;
      const endless = '\'Promise.resolve().then(() => { enter(); log("inside"); for (;;); })\'';

      it('leave nothing behind if they are cut short, where nothing tells that they run in the middle of something', () =>
        assertLines(
          `${setUp}
          namespace.run(() => {});
          handle(
            () => { cut(${endless}); log('rest'); Promise.resolve().then(() => log('reaction')); process.nextTick(() => log('tick')); },
            () => { log('next'); setTimeout(() => log('timer')); },
          );`,
          ['inside a', 'rest default', 'next default', 'tick default', 'reaction default', 'timer default'],
        ));

      it('leave nothing behind if SIGINT cuts them short', () =>
        assertLines(
          `${setUp}
          namespace.run(() => {});
          const kill = () => process.kill(process.pid, 'SIGINT');
          const context = vm.createContext({ ...sandbox(), kill }, { microtaskMode: 'afterEvaluate' });
          const program = 'Promise.resolve().then(() => { enter(); log("inside"); kill(); for (;;); })';
          handle(() => {
            assert.throws(() => vm.runInContext(program, context, { breakOnSigint: true }), {
              code: 'ERR_SCRIPT_EXECUTION_INTERRUPTED',
            });
            log('rest');
          }, () => log('next'));`,
          ['inside a', 'rest default', 'next default'],
        ));

      it('leave nothing behind, and what was entered around stays', () =>
        assertLines(
          `${setUp}
          namespace.run(() => {});
          handle(() => {
            named('b').enter();
            cut(${endless});
            log('rest');
            named('c').run(() => { cut(${endless}); log('rest of the call'); });
            log('after the call');
            Promise.resolve().then(() => log('reaction'));
          });
          setTimeout(() => isTracked().then(console.log), 100);`,
          ['inside a', 'rest b', 'inside a', 'rest of the call c', 'after the call b', 'reaction b', 'false'],
        ));

      it('leave nothing behind if a script around them is cut short', () =>
        assertLines(
          `${setUp}
          namespace.run(() => {});
          const inner = vm.createContext(sandbox(), { microtaskMode: 'afterEvaluate' });
          const outer = vm.createContext({ run: () => vm.runInContext(${endless}, inner) });
          handle(() => { cut('run()', {}, outer); log('rest'); }, () => log('next'));`,
          ['inside a', 'rest default', 'next default'],
        ));

      it('leave nothing behind if they were queued before, by a promise of this realm', () =>
        assertLines(
          `${setUp}
          namespace.run(() => {});
          const context = vm.createContext(sandbox(), { microtaskMode: 'afterEvaluate' });
          named('b').run(() => { Promise.resolve().then(vm.runInContext('() => { log("inside"); for (;;); }', context)); });
          handle(() => { cut('1', {}, context); log('rest'); }, () => log('next'));`,
          ['inside b', 'rest default', 'next default'],
        ));

      it('leave nothing behind if they are cut short when somebody has begun to have promises tracked', () =>
        assertLines(
          `${setUp}
          namespace.run(() => {});
          const context = vm.createContext({ ...sandbox(), begin: () => createHook({ init() {} }).enable() },
            { microtaskMode: 'afterEvaluate' });
          handle(
            () => {
              cut('Promise.resolve().then(() => { enter(); begin(); for (;;); })', {}, context);
              log('rest');
              Promise.resolve().then(() => log('reaction')).then(() => log('reaction, next'));
            },
            () => log('next'),
          );`,
          ['rest default', 'next default', 'reaction default', 'reaction, next default'],
        ));

      for (const [what, begin] of Object.entries({
        'a hook': 'createHook({ init() {} }).enable()',
        'a store': "new AsyncLocalStorage().run('store', () => {})",
      })) {
        it(`may have Node.js track promises, by ${what}, in a reaction in which the first entry was made`, () =>
          assertLines(
            `const context = vm.createContext(
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
            main();`,
            ['inside a', 'begun a', 'after a', 'awaited a', 'inside a', 'begun a', 'again a', 'outside default', 'timer a'],
          ));
      }

      it('have Node.js track promises if the first entry is made in the script', () =>
        assertLines(
          `${setUp}
          handle(() => {
            const context = vm.createContext(sandbox(), { microtaskMode: 'afterEvaluate' });
            vm.runInContext('first(); Promise.resolve().then(() => { enter(); log("inside"); })', context, { timeout: 1000 });
            isTracked().then(console.log);
          });`,
          ['inside a', 'true'],
        ));

      it('have Node.js track promises if there are modules of node:vm, or if scripts can not be watched', async () => {
        const program = `${STEPS}${PROGRAM} ; if (process.argv[1] === 'freeze') Object.freeze(Object.getPrototypeOf(vm.Script.prototype));
          named('a').run(async () => { const tracked = await isTracked(); log(tracked); });`;
        for (const args of [
          ['--experimental-vm-modules', '-e', program],
          ['-e', program, 'freeze'],
        ]) {
          const { stdout, stderr } = await runNode(args);
          assert.strictEqual(stdout, 'true a\n', stderr);
        }
        assert.strictEqual((await runNode(['-e', program])).stdout, 'false a\n');
      });

      it('leave the results of scripts as they were, and classes of errors', () =>
        assertLines(
          `const scripts = Object.getPrototypeOf(vm.Script.prototype);
          const { runInContext } = scripts;
          const described = Object.getOwnPropertyDescriptors(Error);
          namespace.run(() => {});
          assert.notStrictEqual(scripts.runInContext, runInContext);
          for (const next of [() => createHook({ init() {} }).enable(), () => console.log(true)]) {
            assert.strictEqual(vm.runInNewContext('one + 1', { one: 1 }), 2);
            assert.throws(() => vm.runInThisContext('throw new RangeError("thrown")'), { name: 'RangeError', message: 'thrown' });
            next();
          }
          assert.deepStrictEqual(Object.getOwnPropertyDescriptors(Error), described);`,
          ['true'],
        ));
    }

    it('have their contexts if Node.js is told to run them', () =>
      assertLines(
        `named('a').run(() => setImmediate(() => {
        named('b').run(() => { Promise.resolve().then(() => log('reaction')); });
        process._tickCallback();
        log('immediate');
      }));`,
        ['reaction b', 'immediate a'],
      ));
  });
}
