'use strict';

/** Those who have Node.js track promises, besides this package. */

const { steps, stepsInOrder } = require('../../support/steps');

/** Ways to have promises tracked, and to have enough of it. */
const others = {
  'an AsyncLocalStorage': ["const store = new AsyncLocalStorage(); store.enterWith('store');", 'store.disable();'],
  'a hook': ['const hook = createHook({ init() {}, before() {}, after() {}, destroy() {} }).enable();', 'hook.disable();'],
  'a hook without init': ['const hook = createHook({ before() {} }).enable();', 'hook.disable();'],
  'a hook that wants the ends of promises': ['const hook = createHook({ promiseResolve() {} }).enable();', 'hook.disable();'],
  'a hook of ends': ['const hook = createHook({ after() {} }).enable();', 'hook.disable();'],
  'a hook for nothing': ['const hook = createHook({}).enable();', 'hook.disable();'],
  'two libraries': [
    'const hooks = [createHook({ before() {} }), createHook({ init() {}, after() {} })]; for (const each of hooks) each.enable();',
    'for (const each of hooks) each.disable();',
  ],
  domain: ["require('domain');", ''],
};

/** Where somebody begins, and what is seen there. */
const moments = {
  'in a reaction': ['await null; BEGIN; log("begun"); END;', 'begun x'],
  'in a reaction, for longer': [
    'await null; BEGIN; log("begun"); await null; log("awaited"); await turn(); END;',
    'begun x | awaited x',
  ],
  'in a scope in a reaction': [
    'await null; new AsyncResource("scope").runInAsyncScope(() => { named("inside").enter(); BEGIN; log("begun"); END; });',
    'begun inside',
  ],
  'in a call in a reaction': ['await null; named("called").run(() => { BEGIN; log("begun"); END; });', 'begun called'],
  'in a tick': ['await new Promise((resolve) => process.nextTick(() => { BEGIN; log("begun"); END; resolve(); }));', 'begun x'],
  'in a microtask': [
    'await new Promise((resolve) => queueMicrotask(() => { BEGIN; log("begun"); END; resolve(); }));',
    'begun x',
  ],
  'in the then of a thenable': ['await { then(resolve) { BEGIN; log("begun"); resolve(); END; } };', 'begun x'],
  'before any reaction': ['BEGIN; log("begun"); END;', 'begun x'],
};

/** Asserts that contexts are kept, and none is seen outside, when one of the others comes and goes. */
function assertOneComes(who, when) {
  const [begin, end] = others[who];
  const [program, seen] = moments[when];
  const all = 'after default | all default | ends x | goes on x | kept by a a | kept by b b';
  return steps(`${seen} | ${all} | reaction of a frozen promise frozen | then of a thenable entered`)`
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
      ${program.replace('BEGIN', () => begin).replace('END', () => end)}
      log('goes on');
      await null;
      log('ends');
    }).then(async () => {
      log('after');
      await Promise.all([...waiting, frozen, entering]);
      log('all');
    });
  `;
}

const CARRIED = 'begun a | awaited a | immediate default | turned a';

/** Asserts the same of one that comes and goes before the first entry, in its turn. */
function assertOneCame(who) {
  return stepsInOrder(CARRIED)`
    { ${others[who].join(' ')} }
    named('a').run(async () => { log('begun'); await null; log('awaited'); await turn(); log('turned'); });
    setImmediate(() => log('immediate'));
  `;
}

/** Asserts the same of one that was there before the first entry, and goes. */
function assertOneWasThere(who) {
  const [begin, end] = others[who];
  return stepsInOrder(CARRIED)`
    ${begin}
    named('a').run(async () => { log('begun'); await null; ${end} log('awaited'); await turn(); log('turned'); });
    setImmediate(() => log('immediate'));
  `;
}

module.exports = { assertOneCame, assertOneComes, assertOneWasThere, moments, others };
