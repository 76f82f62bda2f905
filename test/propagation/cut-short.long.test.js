'use strict';

const assert = require('node:assert');

const { runNode } = require('../support/child');
const { hasOwnPromiseHooks } = require('../support/own-promise-hooks');

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
        await new Promise((done) => run(step, () => place(() => cut(step, done))));
        look(step, undefined);
        // In no context, beside one.
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
    const running = [];
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
        const { code, stdout, stderr } = await runNode(`${program} namespace.run(() => {}); ${begin} cutAll();`);
        assert.strictEqual(code, 0, stderr);
        assert.deepStrictEqual(JSON.parse(stdout), [begin.includes('createHook') ? 29 : 28, []]);
      });
    }
  });
}
