'use strict';

const assert = require('node:assert');

const { linesOf } = require('../support/child');
const { hasOwnPromiseHooks } = require('../support/own-promise-hooks');
const { stepsInOrder } = require('../support/steps');

/**
 * Scripts whose microtasks a timeout cuts short, in everything that runs, in a context. What runs on there, and all that it starts,
 * has to be in that context.
 */
const program = `
  const assert = require('assert');
  const vm = require('vm');
  const { AsyncLocalStorage, createHook } = require('async_hooks');
  const namespace = require('context').createNamespace('one');
  const seen = new Map();
  /** The ids whose callbacks run, for another's hook. One that is cut short in a late handler never ends for it. */
  let running = [];
  let expectedStore;
  const look = (step, id) => {
    const isRight = namespace.get('id') === id && (expectedStore === undefined || store.getStore() === (id && expectedStore));
    seen.set(step, (seen.get(step) ?? true) && isRight);
  };
  const sandbox = () => ({ enter: () => namespace.createContext({ id: 'left' }).enter(), kill: () => process.kill(process.pid, 'SIGINT') });
  const contextOf = (more) => vm.createContext({ ...sandbox(), ...more }, { microtaskMode: 'afterEvaluate' });
  const scripts = {
    timeout: () => vm.runInContext('Promise.resolve().then(() => { enter(); for (;;); })', contextOf(), { timeout: 5 }),
    later: () => vm.runInContext('(async () => { await 1; await 2; enter(); for (;;); })()', contextOf(), { timeout: 5 }),
    SIGINT: () => vm.runInContext('Promise.resolve().then(() => { kill(); for (;;); })', contextOf(), { breakOnSigint: true }),
    nested: () => vm.runInContext('Promise.resolve().then(() => { enter(); inner(); })', contextOf({
      inner: () => vm.runInContext('Promise.resolve().then(() => { enter(); for (;;); })', contextOf()),
    }), { timeout: 5 }),
    around: () => vm.runInContext('inner()', vm.createContext({
      inner: () => vm.runInContext('Promise.resolve().then(() => { enter(); for (;;); })', contextOf()),
    }), { timeout: 5 }),
  };
  process.on('unhandledRejection', () => {});
  /** Calls a function as Node.js calls the handlers of rejections that are handled late. */
  const handleLate = (work) => {
    const rejected = Promise.reject(new Error('handled later'));
    process.once('rejectionHandled', () => { work(); running = []; });
    setTimeout(() => rejected.catch(() => {}), 1);
  };
  const turn = () => new Promise((resolve) => setTimeout(resolve, 0));
  const places = {
    callback: (work) => setTimeout(work),
    immediate: (work) => setImmediate(work),
    tick: (work) => process.nextTick(work),
    microtask: (work) => queueMicrotask(work),
    reaction: (work) => Promise.resolve().then(work),
    async: async (work) => { await turn(); await null; work(); },
    call: (work) => namespace.run(() => { setTimeout(() => namespace.run(work)); }),
    // Outside of all callbacks: nothing shows that they run in the middle of something.
    'late handler': (work) => handleLate(work),
    'late handler, in a call': (work, id) => handleLate(() => run(id, work)),
  };
  async function cutAll() {
    for (const [what, script] of Object.entries(scripts)) {
      for (const [where, place] of Object.entries(places)) {
        const step = what + ' in ' + where;
        const cut = (id, done) => {
          assert.throws(script, { code: /^ERR_SCRIPT_EXECUTION_(TIMEOUT|INTERRUPTED)$/ });
          look(step, id);
          process.nextTick(() => look(step, id));
          setImmediate(() => look(step, id));
          setTimeout(() => { look(step, id); setTimeout(done); }, 1);
          Promise.resolve().then(() => look(step, id)).then(() => look(step, id));
        };
        const id = where === 'late handler' ? undefined : step;
        await new Promise((done) => run(step, () => place(() => cut(id, done), id)));
        look(step, undefined);
        // In no context, beside one.
        if (where === 'late handler, in a call') continue;
        await new Promise((done) => place(() => cut(where === 'call' ? namespace.get('id') : undefined, done)));
        look(step, undefined);
      }
    }
    console.log(JSON.stringify([seen.size, [...seen].filter(([, isRight]) => !isRight).map(([step]) => step)]));
  }
  const store = new AsyncLocalStorage();
  let run = (id, work) => namespace.run(() => { namespace.set('id', id); work(); });
`;

const others = {
  'with nobody else': '',
  'with a store entered later': `
    expectedStore = 'store';
    const runAlone = run;
    run = (id, work) => store.run('store', () => runAlone(id, work));
  `,
  "with another's hook that is enabled later": `
    createHook({
      before: (id) => running.push(id),
      after: (id) => { if (running.pop() !== id) seen.set('hook', false); },
    }).enable();
    seen.set('hook', true);
  `,
};

// Elsewhere nothing is done about it: Node.js ends the process if it tracks promises, as it does with a store alone. With frames it
// ends nothing.
if (hasOwnPromiseHooks) {
  describe('scripts whose microtasks are cut short', () => {
    for (const [who, begin] of Object.entries(others)) {
      it(`leave the process, and what was active around them, as they were, ${who}`, async () => {
        const [line] = await linesOf(`${program} namespace.run(() => {}); ${begin} cutAll();`);
        assert.deepStrictEqual(JSON.parse(line), [begin.includes('createHook') ? 46 : 45, []]);
      });
    }

    const SET_UP = `
      process.on('unhandledRejection', () => {});
      /** Calls functions as Node.js calls the handlers of rejections that are handled late: outside of all callbacks. */
      const handle = (...steps) => {
        const rejected = steps.map(() => Promise.reject(new Error('handled later')));
        process.on('rejectionHandled', () => { steps.shift()(); });
        setTimeout(() => { for (const promise of rejected) promise.catch(() => {}); }, 5);
      };
      const sandbox = () => ({ log, enter: () => named('a').enter(), first: () => namespace.run(() => {}) });
      const contextOf = (more) => vm.createContext({ ...sandbox(), ...more }, { microtaskMode: 'afterEvaluate' });
      const endless = 'Promise.resolve().then(() => { enter(); log("inside"); for (;;); })';
      // Long enough for all that comes before the endless loop, on a busy machine.
      const cut = (program = endless, context = contextOf()) => {
        assert.throws(() => vm.runInContext(program, context, { timeout: 250 }), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
      };
    `;

    it('leave what was entered around them', () =>
      stepsInOrder('inside a | rest b | inside a | rest of the call c | after the call b | reaction b | false')`
        ${SET_UP}
        namespace.run(() => {});
        handle(() => {
          named('b').enter();
          cut();
          log('rest');
          named('c').run(() => { cut(); log('rest of the call'); });
          log('after the call');
          Promise.resolve().then(() => log('reaction'));
          setTimeout(() => isTracked().then(console.log));
        });
      `);

    it('leave nothing behind if they were queued before, by a promise of this realm', () =>
      stepsInOrder('inside b | rest default | next default')`${SET_UP}
        namespace.run(() => {});
        const context = contextOf();
        named('b').run(() => { Promise.resolve().then(vm.runInContext('() => { log("inside"); for (;;); }', context)); });
        handle(() => { cut('1', context); log('rest'); }, () => log('next'));
      `);

    it('leave nothing behind if they are cut short when somebody has begun to have promises tracked', () =>
      stepsInOrder('rest default | next default | reaction default | reaction, next default')`${SET_UP}
        namespace.run(() => {});
        const begin = () => createHook({ init() {} }).enable();
        handle(
          () => {
            cut('Promise.resolve().then(() => { enter(); begin(); for (;;); })', contextOf({ begin }));
            log('rest');
            Promise.resolve().then(() => log('reaction')).then(() => log('reaction, next'));
          },
          () => log('next'),
        );
      `);

    it('have Node.js track promises if the first entry is made in the script', () =>
      stepsInOrder('inside a | true')`${SET_UP}
        handle(() => {
          const program = 'first(); Promise.resolve().then(() => { enter(); log("inside"); })';
          vm.runInContext(program, contextOf(), { timeout: 10_000 });
          isTracked().then(console.log);
        });
      `);
  });
}
