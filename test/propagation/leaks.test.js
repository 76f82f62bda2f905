'use strict';

const assert = require('node:assert');
const { AsyncLocalStorage } = require('node:async_hooks');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { engine } = require('context');

const { root, runNode } = require('../support/child');
const { buildNativeScopes } = require('../support/native-scopes');

/** Whether an AsyncLocalStorage has hooks switched on only when it is first entered: on Node.js 20 and 22. */
const isOracleLazy = '_enable' in AsyncLocalStorage.prototype && new AsyncLocalStorage().enabled === false;

const PROGRAM = `
  const { AsyncResource } = require('async_hooks');
  const http = require('http');
  const { current, enter, exit, finalize, log, run } = require('./test/support/subject');
  const turn = () => new Promise((resolve) => setImmediate(resolve));
`;

/** The lines that a program prints, in the order of the alphabet if its callbacks come in any order. */
async function linesOf(program, subject) {
  const { code, stdout, stderr } = await runNode(program, { CONTEXT_TEST_SUBJECT: subject });
  assert.strictEqual(code, 0, stderr);
  return stdout.trimEnd().split('\n').sort();
}

/**
 * Asserts what a program prints at each of its steps, in a process of its own in which nothing is switched on before, with a
 * namespace and with an AsyncLocalStorage in its place.
 *
 * @param {string | string[]} program
 * @param {string[]} expected
 * @param {object} [options]
 * @param {boolean} [options.oracle] whether AsyncLocalStorage is expected to show the same
 */
async function assertSteps(program, expected, { oracle = true } = {}) {
  const whole = typeof program === 'string' ? PROGRAM + program : program;
  const [storage, namespace] = await Promise.all(['storage', 'namespace'].map((subject) => linesOf(whole, subject)));
  const sorted = [...expected].sort();
  if (oracle) assert.deepStrictEqual(storage, sorted, 'AsyncLocalStorage');
  assert.deepStrictEqual(namespace, sorted, 'the namespace');
}

/** What runs in no callback of the program: AsyncLocalStorage has no store in any of it, whoever entered what. */
const OUTSIDE = `
  process.once('beforeExit', () => {
    log('beforeExit');
    setImmediate(() => log('started in beforeExit'));
  });
  process.on('exit', () => log('exit'));
  const finalizeTwo = () => finalize([1, 2], (value) => {
    log('finalized ' + value);
    setImmediate(() => log('started in finalized ' + value));
  });
`;

const OUTSIDE_STEPS = [
  'finalized 1 default',
  'finalized 2 default',
  'started in finalized 1 default',
  'started in finalized 2 default',
  'beforeExit default',
  'started in beforeExit default',
  'exit default',
];

describe('the first entry of a process is not seen by work that belongs to nobody', () => {
  for (const [what, suspend] of Object.entries({
    'after an await': 'await null;',
    'before any await': '',
    'after a turn': 'await turn();',
  })) {
    it(`made ${what} in an HTTP handler`, () =>
      assertSteps(
        `${OUTSIDE}
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
        }));`,
        ['handler a', 'handler, later a', 'response default', 'closed default', 'timer default', ...OUTSIDE_STEPS],
      ));
  }

  it('made in each of several HTTP requests, after an await', () =>
    assertSteps(
      `${OUTSIDE}
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
      });`,
      [...['/a', '/b', '/c'].flatMap((url) => [`begin ${url} default`, `handler ${url} ${url}`]), ...OUTSIDE_STEPS],
    ));

  it('made in the main script, and not left: there it stays to the end of the script alone', () =>
    assertSteps(
      `${OUTSIDE}
      setImmediate(() => { log('before'); finalizeTwo(); });
      enter('a');
      setImmediate(() => log('after'));`,
      ['before default', 'after a', ...OUTSIDE_STEPS],
    ));
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
  const steps = ['a', 'b', 'c'].flatMap((name) => [
    `before ${name} default`,
    `after ${name} ${name}`,
    `started in ${name} ${name}`,
    `reaction of ${name} ${name}`,
  ]);

  it('is not seen by the next one, if it is the first of the process', () =>
    assertSteps(program, [...steps, 'beforeExit default']));

  it('is not seen by the next one, if contexts were entered before', () =>
    assertSteps(`run('x', () => {}); ${program}`, [...steps, 'beforeExit default']));

  it('is not seen by the next one, and does not see where the objects were registered', () =>
    assertSteps(`run('x', () => { ${program} }); setTimeout(() => log('timer'), 1);`, [
      ...steps.map((step) => step),
      'beforeExit default',
      'timer default',
    ]));
});

describe('an entry at the top level of an ES module', () => {
  let folder;

  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'context-module-'));
  });

  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  let number = 0;
  /** The arguments for node that run a program as a module. */
  const moduleOf = (program) => {
    const file = path.join(folder, `program-${number++}.mjs`);
    const from = JSON.stringify(path.join(root, 'program.js'));
    const required = `import { createRequire } from 'node:module'; const require = createRequire(${from});`;
    fs.writeFileSync(file, `${required}${PROGRAM}${OUTSIDE}${program}`);
    return [file];
  };

  it('is not seen outside of the module', () =>
    assertSteps(
      moduleOf(`
        setImmediate(() => { log('before'); finalizeTwo(); });
        enter('a');
        log('module');
        setImmediate(() => log('after'));`),
      ['module a', 'before default', 'after a', ...OUTSIDE_STEPS],
    ));

  it('is not seen outside of the module, with an await at the top level', () =>
    assertSteps(
      moduleOf(`
        setImmediate(() => { log('before'); setTimeout(finalizeTwo, 5); });
        await null;
        enter('a');
        log('module');
        await turn();
        log('module, later');
        setImmediate(() => log('after'));`),
      ['module a', 'module, later a', 'before default', 'after a', ...OUTSIDE_STEPS],
    ));

  it('is over after exit(), with an await at the top level', () =>
    assertSteps(
      moduleOf(`
        setImmediate(() => { log('before'); setTimeout(finalizeTwo, 5); });
        enter('a');
        await turn();
        log('module');
        exit();
        log('left');
        await turn();
        log('left, later');`),
      ['module a', 'left default', 'left, later default', 'before default', ...OUTSIDE_STEPS],
    ));

  it('is not seen outside of a module that was imported', async () => {
    const [imported] = moduleOf('await null; enter("a"); log("imported"); await turn(); log("imported, later");');
    const importing = moduleOf(`
      setTimeout(() => { log('timer'); finalizeTwo(); }, 20);
      setImmediate(() => log('immediate'));
      import(${JSON.stringify(imported)});`);
    const twice = OUTSIDE_STEPS.filter((step) => /xit/.test(step));
    await assertSteps(importing, [
      'imported a',
      'imported, later a',
      'timer default',
      'immediate default',
      ...OUTSIDE_STEPS,
      ...twice,
    ]);
  });
});

describe('a callback that native code makes without an async context', () => {
  let native;

  before(function () {
    this.timeout(120_000);
    native = `const { call, callLater } = require(${JSON.stringify(buildNativeScopes())});`;
  });

  for (const [when, first] of Object.entries({ 'is the first of all': '', 'is not the first': 'run("x", () => {});' })) {
    it(`does not see what another one entered, which ${when}`, () =>
      assertSteps(
        `${native} ${first}
        setImmediate(() => log('immediate'));
        for (const name of ['a', 'b']) {
          call({}, () => {
            log('before ' + name);
            enter(name);
            log('after ' + name);
            setImmediate(() => log('started in ' + name));
          });
          log('outside ' + name);
        }`,
        [
          ...['a', 'b'].flatMap((name) => [
            `before ${name} default`,
            `after ${name} ${name}`,
            `started in ${name} ${name}`,
            `outside ${name} default`,
          ]),
          'immediate default',
        ],
      ));

    it(`does not see what another one entered, from the event loop, which ${when}`, () =>
      assertSteps(
        `${native} ${first}
        for (const name of ['a', 'b', 'c']) {
          callLater({}, async () => {
            log('before ' + name);
            enter(name);
            log('after ' + name);
            await turn();
            log('later ' + name);
          });
        }
        setTimeout(() => log('timer'), 5);`,
        [
          ...['a', 'b', 'c'].flatMap((name) => [`before ${name} default`, `after ${name} ${name}`, `later ${name} ${name}`]),
          'timer default',
        ],
      ));
  }

  it('does not see what is run around it, and leaves that alone', () =>
    assertSteps(
      `${native}
      const nested = (name) => call({}, () => {
        log('nested in ' + name);
        enter('inside');
        log('entered in ' + name);
      });
      run('a', () => { nested('script'); log('script'); });
      setImmediate(() => {
        run('b', () => { nested('immediate'); log('immediate'); });
        new AsyncResource('scope').runInAsyncScope(() => run('c', () => { nested('scope'); log('scope'); }));
        log('immediate, outside');
      });
      log('script, outside');`,
      [
        'nested in script default',
        'entered in script inside',
        'script a',
        'script, outside default',
        'nested in immediate default',
        'entered in immediate inside',
        'immediate b',
        'nested in scope default',
        'entered in scope inside',
        'scope c',
        'immediate, outside default',
      ],
    ));

  it('does not see what surrounds it if it is nested in another one', () =>
    assertSteps(
      `${native}
      call({}, () => {
        enter('outer');
        call({}, () => { log('inner'); enter('inner'); log('inner, entered'); call({}, () => log('innermost')); log('inner, still'); });
        log('outer');
      });
      log('outside');`,
      ['inner default', 'inner, entered inner', 'innermost default', 'inner, still inner', 'outer outer', 'outside default'],
    ));

  it('is left in order if it throws', () =>
    assertSteps(
      `${native}
      run('a', () => {
        try {
          call({}, () => { enter('inside'); throw new Error('to be caught'); });
        } catch {}
        log('around');
      });
      log('outside');
      callLater({}, () => log('from the loop'));`,
      ['around a', 'outside default', 'from the loop default'],
    ));

  it('may come between the first entry, in nested scopes, and their end', () =>
    assertSteps(
      `${native}
      const scopes = ['one', 'two', 'three'].map((name) => new AsyncResource(name));
      setTimeout(() => {
        scopes[0].runInAsyncScope(() => {
          scopes[1].runInAsyncScope(() => {
            call({}, () => {
              scopes[2].runInAsyncScope(() => { enter('a'); log('innermost'); });
              log('native');
              enter('b');
              log('native, entered');
            });
            log('two');
          });
          log('one');
        });
        log('timer');
        setImmediate(() => log('immediate'));
      }, 1);
      setTimeout(() => { log('next timer'); call({}, () => log('native, next')); }, 5);`,
      [
        'innermost a',
        'native default',
        'native, entered b',
        'two default',
        'one default',
        'timer default',
        'immediate default',
        'next timer default',
        'native, next default',
      ],
    ));
});

describe('the first entry of a process, after an await that began before', () => {
  it('is carried on, and not seen by the next callbacks', () =>
    assertSteps(
      `${OUTSIDE}
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
      setTimeout(finalizeTwo, 10);`,
      ['entered a', 'awaited a', 'turned a', 'timer default', 'reaction default', ...OUTSIDE_STEPS],
    ));

  // V8 tells no hook of a reaction whose await began before the hooks were on: all of them run in the same scope. On Node.js 20
  // and 22 AsyncLocalStorage keeps the store on the resource of that scope, so that it is seen by whatever runs there later. On
  // 24 and 26 an AsyncContextFrame knows better; without one a storage has hooks on from its construction.
  const oracle = !isOracleLazy;

  it('is not seen by other functions whose await began before, in later turns', () =>
    assertSteps(
      `
      const f = async () => { await null; enter('a'); log('in f'); };
      const g = async () => { await turn(); await turn(); log('g'); await turn(); log('g, later'); };
      g();
      f();
      setImmediate(() => log('next'));`,
      ['in f a', 'next default', 'g default', 'g, later default'],
      { oracle },
    ));

  it('is not seen by the caller that awaits, though AsyncLocalStorage shows it on Node.js 20 and 22', () =>
    assertSteps(
      `
      const f = async () => { await null; enter('a'); log('in f'); };
      (async () => {
        await f();
        log('caller');
        await turn();
        log('caller, later');
      })();
      setImmediate(() => setImmediate(() => log('next')));`,
      ['in f a', 'caller default', 'caller, later default', 'next default'],
      { oracle },
    ));

  const waiting = (names, entering) => `
    let release;
    const shared = new Promise((resolve) => { release = resolve; });
    const worker = async (name) => {
      await shared;
      if (name === '${entering}') { enter('x'); log(name + ' entered'); }
      await turn();
      log(name + ' later');
      await null;
      setImmediate(() => log(name + ' in an immediate'));
      await turn();
      log(name + ' later still');
    };
    for (const name of ${JSON.stringify(names)}) worker(name);
    setImmediate(release);
    setTimeout(() => log('timer'), 10);`;
  const steps = (name, active) => ['later', 'in an immediate', 'later still'].map((step) => `${name} ${step} ${active}`);

  it('is not seen in later turns by functions that waited for the same promise and went on before it', () => {
    const expected = ['a', 'b', 'c'].flatMap((name) => steps(name, 'default'));
    return assertSteps(waiting(['a', 'b', 'c', 'd'], 'd'), [...expected, 'd entered x', ...steps('d', 'x'), 'timer default'], {
      oracle,
    });
  });

  // What goes on in the same run of the microtask queue, and was queued before the entry, can't be told from the function that
  // entered: see "The first entry" in docs/engines.md.
  it('is seen, with async-hooks, by functions that waited for the same promise and go on right after it', () => {
    const active = engine === 'async-hooks' ? 'x' : 'default';
    const expected = [...steps('a', 'default'), ...['c', 'd'].flatMap((name) => steps(name, active))];
    const all = [...expected, 'b entered x', ...steps('b', 'x'), 'timer default'];
    // Without an AsyncContextFrame a storage of Node.js 24 and 26 has hooks on from its construction.
    return assertSteps(waiting(['a', 'b', 'c', 'd'], 'b'), all, { oracle: engine === 'async-context-frame' });
  });

  it('is not seen by them if a context was entered before they began to wait', () => {
    const expected = ['a', 'c', 'd'].flatMap((name) => steps(name, 'default'));
    return assertSteps(`run('first', () => {}); ${waiting(['a', 'b', 'c', 'd'], 'b')}`, [
      ...expected,
      'b entered x',
      ...steps('b', 'x'),
      'timer default',
    ]);
  });
});

describe('the first entry of a process, in nested scopes of a callback', () => {
  /** Scopes one in another, in a timer; `enters` are the depths of those that enter, from 0 for the timer itself. */
  const nested = (depth, enters) => `
    const scopes = Array.from({ length: ${depth} }, (_, index) => new AsyncResource('scope ' + index));
    const nest = (level) => {
      const look = (when) => log('level ' + level + ' ' + when);
      const enterHere = () => { if (${JSON.stringify(enters)}.includes(level)) enter('of ' + level); };
      look('begins');
      // The innermost is the first one to enter.
      if (level < ${depth}) scopes[level].runInAsyncScope(nest, undefined, level + 1);
      look('goes on');
      enterHere();
      look('ends');
      setImmediate(() => log('immediate of ' + level));
    };
    setTimeout(nest, 1, 0);
    setTimeout(() => { log('next timer'); setImmediate(() => log('next immediate')); }, 5);
    process.once('beforeExit', () => log('beforeExit'));`;

  for (const depth of [0, 1, 2, 3]) {
    for (let innermost = depth; innermost >= 0; innermost--) {
      const combinations = innermost === 0 ? [[0]] : [[innermost], [innermost, innermost - 1], [innermost, 0]];
      for (const enters of combinations) {
        it(`${depth} of them, entered at depth ${[...new Set(enters)].join(' and ')}`, () => {
          const expected = ['next timer default', 'next immediate default', 'beforeExit default'];
          for (let level = 0; level <= depth; level++) {
            const own = enters.includes(level) ? `of ${level}` : 'default';
            expected.push(`level ${level} begins default`, `level ${level} goes on default`);
            expected.push(`level ${level} ends ${own}`, `immediate of ${level} ${own}`);
          }
          return assertSteps(nested(depth, enters), expected);
        });
      }
    }
  }

  it('and a throw out of all of them', () =>
    assertSteps(
      `
      process.on('uncaughtException', () => {});
      const scopes = [1, 2, 3].map((name) => new AsyncResource('scope ' + name));
      const nest = ([scope, ...others]) => {
        if (scope === undefined) { enter('a'); throw new Error('thrown'); }
        scope.runInAsyncScope(nest, undefined, others);
      };
      setTimeout(nest, 1, scopes);
      setTimeout(() => { log('next timer'); setImmediate(() => log('immediate')); }, 5);
      process.once('beforeExit', () => log('beforeExit'));`,
      ['next timer default', 'immediate default', 'beforeExit default'],
    ));
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
      it(`keeps what ${how} enters in ${where}, to its end`, () =>
        assertSteps(
          `${body}
          const test = () => { ${entry} };
          setTimeout(() => log('later'), 20);
          ${scope}`,
          [...steps.map((step) => `${step} x`), ...(how === 'enter' ? [] : ['outside default']), 'later default'],
        ));
    }
  }
});
