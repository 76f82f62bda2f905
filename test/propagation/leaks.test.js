'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');

const { engine } = require('context');

const { OUTSIDE, OUTSIDE_STEPS, both, bothInProcess, of } = require('./support/both');

/** Whether an AsyncLocalStorage has hooks switched on only when it is first entered: on Node.js 20 and 22. */
const isOracleLazy = '_enable' in AsyncLocalStorage.prototype && new AsyncLocalStorage().enabled === false;

describe('the first entry of a process is not seen by work that belongs to nobody', () => {
  for (const [what, suspend] of Object.entries({
    'after an await': 'await null;',
    'before any await': '',
    'after a turn': 'await turn();',
  })) {
    it(`made ${what} in an HTTP handler`, () =>
      both([
        ...['handler a', 'handler, later a', 'response default', 'closed default', 'timer default'],
        ...OUTSIDE_STEPS,
      ])`${OUTSIDE}
        const server = http.createServer(async (request, response) => {
          ${suspend}
          enter('a');
          log('handler');
          response.end();
          await turn();
          log('handler, later');
        });
        server.listen(0, () => http.get({ port: server.address().port, agent: false }, (response) => {
          log('response');
          response.resume().on('end', () => {
            server.close(() => log('closed'));
            setTimeout(() => { log('timer'); finalizeTwo(); }, 5);
          });
        }));
      `);
  }

  it('made in each of several HTTP requests, after an await', () =>
    both([...of('begin', ['/a', '/b', '/c'], 'default'), ...of('handler', ['/a', '/b', '/c']), ...OUTSIDE_STEPS])`${OUTSIDE}
      let served = 0;
      const server = http.createServer(async (request, response) => {
        log('begin ' + request.url);
        await null;
        enter(request.url);
        await turn();
        log('handler ' + request.url);
        response.end();
        if (++served === 3) server.close(finalizeTwo);
      });
      server.listen(0, () => {
        const { port } = server.address();
        for (const path of ['/a', '/b', '/c']) http.get({ port, path, agent: false }, (response) => response.resume());
      });
    `);

  it('made in the main script, and not left: there it stays to the end of the script alone', () =>
    bothInProcess(['before default', 'after a', ...OUTSIDE_STEPS])`${OUTSIDE}
      setImmediate(() => { log('before'); finalizeTwo(); });
      enter('a');
      setImmediate(() => log('after'));
    `);
});

describe('an entry in a callback of a FinalizationRegistry', () => {
  const program = `
    process.once('beforeExit', () => log('beforeExit'));
    finalize(['a', 'b', 'c'], (name) => {
      log('before ' + name);
      enter(name);
      log('after ' + name);
      setImmediate(() => log('started in ' + name));
      Promise.resolve().then(() => log('reaction of ' + name));
    });`;
  const names = ['a', 'b', 'c'];
  const steps = [of('before', names, 'default'), of('after', names), of('started in', names), of('reaction of', names)].flat();

  it('is not seen by the next one, if it is the first of the process', () =>
    both([...steps, 'beforeExit default'])`${program}`);

  it('is not seen by the next one, if contexts were entered before', () =>
    both([...steps, 'beforeExit default'])`run('x', () => {}); ${program}`);

  it('is not seen by the next one, and does not see where the objects were registered', () =>
    both([...steps, 'beforeExit default', 'timer default'])`
      run('x', () => { ${program} });
      setTimeout(() => log('timer'), 1);
    `);
});

describe('the first entry of a process, after an await that began before', () => {
  it('is carried on, and not seen by the next callbacks', () =>
    both(['entered a', 'awaited a', 'turned a', 'timer default', 'reaction default', ...OUTSIDE_STEPS])`${OUTSIDE}
      (async () => {
        await turn();
        enter('a');
        log('entered');
        await null;
        log('awaited');
        await turn();
        log('turned');
      })();
      setTimeout(() => { log('timer'); Promise.resolve().then(() => log('reaction')); }, 1);
      setTimeout(finalizeTwo, 10);
    `);

  // V8 calls no hook for a reaction whose await began before the hooks were on: all of them run in the same scope. On Node.js 20
  // and 22 AsyncLocalStorage keeps the store on the resource of that scope, so that it is seen by whatever runs there later. On
  // 24 and 26 an AsyncContextFrame knows better; without one a storage has hooks on from its construction.
  const oracle = !isOracleLazy;

  it('is not seen by other functions whose await began before, in later turns', () =>
    both('in f a | next default | g default | g, later default', { oracle })`
      const f = async () => { await null; enter('a'); log('in f'); };
      const g = async () => { await turn(); await turn(); log('g'); await turn(); log('g, later'); };
      g();
      f();
      setImmediate(() => log('next'));
    `);

  it('is not seen by the caller that awaits, though AsyncLocalStorage shows it on Node.js 20 and 22', () =>
    both('in f a | caller default | caller, later default | next default', { oracle })`
      const f = async () => { await null; enter('a'); log('in f'); };
      (async () => {
        await f();
        log('caller');
        await turn();
        log('caller, later');
      })();
      setImmediate(() => setImmediate(() => log('next')));
    `);

  const waiting = (entering) => `
    let release;
    const shared = new Promise((resolve) => { release = resolve; });
    const worker = async (name) => {
      await shared;
      if (name === '${entering}') { enter('x'); log(name + ' entered'); }
      await turn();
      log('later ' + name);
      await null;
      setImmediate(() => log('in an immediate of ' + name));
      await turn();
      log('later still ' + name);
    };
    for (const name of ['a', 'b', 'c', 'd']) worker(name);
    setImmediate(release);
    setTimeout(() => log('timer'), 10);`;
  /** What is active in some functions, and in the one that entered. */
  const seen = (names, active, entering) => [
    ...['later', 'in an immediate of', 'later still'].flatMap((step) => [
      ...of(step, names, active),
      ...of(step, [entering], 'x'),
    ]),
    ...[`${entering} entered x`, 'timer default'],
  ];

  it('is not seen in later turns by functions that waited for the same promise and went on before it', () =>
    both(seen(['a', 'b', 'c'], 'default', 'd'), { oracle })`${waiting('d')}`);

  // What goes on in the same run of the microtask queue, and was queued before the entry, is indistinguishable from the function that
  // entered: see "The first entry" in docs/engines.md.
  it('is seen, with async-hooks, by functions that waited for the same promise and go on right after it', () => {
    const active = engine === 'async-hooks' ? 'x' : 'default';
    const after = ['later', 'in an immediate of', 'later still'].flatMap((step) => of(step, ['c', 'd'], active));
    // Without an AsyncContextFrame a storage of Node.js 24 and 26 has hooks on from its construction.
    return both([...seen(['a'], 'default', 'b'), ...after], { oracle: engine === 'async-context-frame' })`${waiting('b')}`;
  });

  it('is not seen by them if a context was entered before they began to wait', () =>
    both(seen(['a', 'c', 'd'], 'default', 'b'))`run('first', () => {}); ${waiting('b')}`);
});

describe('a scope that runs ticks and microtasks itself, by process._tickCallback()', () => {
  /** Where the scope is: each calls a function in it. */
  const scopes = {
    'the main script': 'test();',
    'a handler of a rejection': "process.on('unhandledRejection', test); Promise.reject(new Error('rejected'));",
    'a callback in which the first entry is made': 'setTimeout(test, 1);',
    'code that was waiting before the first entry': '(async () => { await null; test(); })();',
    'a callback of a FinalizationRegistry': 'finalize([1], test);',
  };
  const entries = {
    run: "run('x', body); log('outside');",
    'a nested run': "run('outer', () => run('x', body)); log('outside');",
    enter: "enter('x'); body();",
  };
  const body = `
    const body = () => {
      queueMicrotask(() => log('microtask'));
      Promise.resolve().then(() => log('reaction'));
      process._tickCallback();
      log('after one');
      process.nextTick(() => log('tick'));
      process._tickCallback();
      process._tickCallback();
      log('after three');
      setImmediate(() => log('immediate'));
      process.nextTick(() => log('last tick'));
    };`;
  const steps = ['microtask', 'reaction', 'after one', 'tick', 'after three', 'immediate', 'last tick'];

  for (const [where, scope] of Object.entries(scopes)) {
    for (const [how, entry] of Object.entries(entries)) {
      it(`keeps what ${how} enters in ${where}, to its end`, () => {
        const expected = [...steps.map((step) => `${step} x`), 'later default'];
        if (how !== 'enter') expected.push('outside default');
        return (where === 'the main script' ? bothInProcess : both)(expected)`${body}
          const test = () => { ${entry} };
          setTimeout(() => log('later'), 20);
          ${scope}
        `;
      });
    }
  }
});
