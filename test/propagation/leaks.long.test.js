'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { root } = require('../support/child');
const { makeFolder } = require('../support/folders');
const { buildNativeScopes } = require('../support/native-scopes');
const { SUBJECT, linesOfProcess } = require('../support/steps');
const { OUTSIDE, OUTSIDE_STEPS, assertBoth, both, bothInProcess, of } = require('./support/both');

describe('an entry at the top level of an ES module', () => {
  const folder = makeFolder();
  let number = 0;
  /** The arguments for node that run a program as a module. */
  const moduleOf = (program) => {
    const file = path.join(folder, `program-${number++}.mjs`);
    const from = JSON.stringify(path.join(root, 'program.js'));
    const required = `import { createRequire } from 'node:module'; const require = createRequire(${from});`;
    fs.writeFileSync(file, `${required}${SUBJECT}${OUTSIDE}${program}`);
    return [file];
  };

  const programs = {
    'is not seen outside of the module': [
      ['module a', 'before default', 'after a'],
      `setImmediate(() => { log('before'); finalizeTwo(); });
      enter('a');
      log('module');
      setImmediate(() => log('after'));`,
    ],
    'is not seen outside of the module, with an await at the top level': [
      ['module a', 'module, later a', 'before default', 'after a'],
      `setImmediate(() => { log('before'); setTimeout(finalizeTwo, 5); });
      await null;
      enter('a');
      log('module');
      await turn();
      log('module, later');
      setImmediate(() => log('after'));`,
    ],
    'is over after exit(), with an await at the top level': [
      ['module a', 'left default', 'left, later default', 'before default'],
      `setImmediate(() => { log('before'); setTimeout(finalizeTwo, 5); });
      enter('a');
      await turn();
      log('module');
      exit();
      log('left');
      await turn();
      log('left, later');`,
    ],
    'is not seen outside of a module that was imported': [
      // Both modules look at what runs at the end.
      [
        ...['imported a', 'imported, later a', 'timer default', 'immediate default'],
        ...OUTSIDE_STEPS.filter((step) => /xit/.test(step)),
      ],
      () => `setTimeout(() => { log('timer'); finalizeTwo(); }, 20);
      setImmediate(() => log('immediate'));
      import(${JSON.stringify(
        moduleOf('await null; enter("a"); log("imported"); await turn(); log("imported, later");')[0],
      )});`,
    ],
  };
  for (const [title, [expected, program]] of Object.entries(programs)) {
    it(title, () =>
      assertBoth(moduleOf(typeof program === 'function' ? program() : program), [...expected, ...OUTSIDE_STEPS], {
        run: linesOfProcess,
      }),
    );
  }
});

describe('a callback that native code makes without an async context', () => {
  let native;

  before(function () {
    this.timeout(120_000);
    native = `const { call, callLater } = require(${JSON.stringify(buildNativeScopes())});`;
  });

  for (const [when, first] of Object.entries({ 'is the first of all': '', 'is not the first': 'run("x", () => {});' })) {
    it(`does not see what another one entered, which ${when}`, () => {
      const names = ['a', 'b'];
      const outside = [...of('before', names, 'default'), ...of('outside', names, 'default'), 'immediate default'];
      return both([...outside, ...of('after', names), ...of('started in', names)])`${native} ${first}
        setImmediate(() => log('immediate'));
        for (const name of ['a', 'b']) {
          call({}, () => {
            log('before ' + name);
            enter(name);
            log('after ' + name);
            setImmediate(() => log('started in ' + name));
          });
          log('outside ' + name);
        }
      `;
    });

    it(`does not see what another one entered, from the event loop, which ${when}`, () => {
      const names = ['a', 'b', 'c'];
      return both([...of('before', names, 'default'), ...of('after', names), ...of('later', names), 'timer default'])`${native}
        ${first}
        for (const name of ['a', 'b', 'c']) {
          callLater({}, async () => {
            log('before ' + name);
            enter(name);
            log('after ' + name);
            await turn();
            log('later ' + name);
          });
        }
        setTimeout(() => log('timer'), 5);
      `;
    });
  }

  it('does not see what is run around it, and leaves that alone', () => {
    const where = ['script', 'immediate', 'scope'];
    const around = ['script a', 'immediate b', 'scope c', 'script, outside default', 'immediate, outside default'];
    return bothInProcess([...of('nested in', where, 'default'), ...of('entered in', where, 'inside'), ...around])`${native}
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
      log('script, outside');
    `;
  });

  it('does not see what surrounds it if it is nested in another one', () => {
    const expected =
      'inner default | inner, entered inner | innermost default | inner, still inner | outer outer | outside default';
    return both(expected)`${native}
      call({}, () => {
        enter('outer');
        call({}, () => { log('inner'); enter('inner'); log('inner, entered'); call({}, () => log('innermost')); log('inner, still'); });
        log('outer');
      });
      log('outside');
    `;
  });

  it('is left in order if it throws', () =>
    both('around a | outside default | from the loop default')`${native}
      run('a', () => {
        try {
          call({}, () => { enter('inside'); throw new Error('to be caught'); });
        } catch {}
        log('around');
      });
      log('outside');
      callLater({}, () => log('from the loop'));
    `);

  it('may come between the first entry, in nested scopes, and their end', () =>
    both([
      ...['innermost a', 'native default', 'native, entered b', 'two default', 'one default', 'timer default'],
      ...['immediate default', 'next timer default', 'native, next default'],
    ])`${native}
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
      setTimeout(() => { log('next timer'); call({}, () => log('native, next')); }, 5);
    `);
});

describe('the first entry of a process, in nested scopes of a callback', () => {
  /** Scopes one in another, in a timer; `enters` are the depths of those that enter, from 0 for the timer itself. */
  const nested = (depth, enters) => `
    const scopes = Array.from({ length: ${depth} }, (_, index) => new AsyncResource('scope ' + index));
    const nest = (level) => {
      log('begins ' + level);
      // The innermost is the first one to enter.
      if (level < ${depth}) scopes[level].runInAsyncScope(nest, undefined, level + 1);
      log('goes on ' + level);
      if (${JSON.stringify(enters)}.includes(level)) enter('of ' + level);
      log('ends ' + level);
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
            expected.push(`begins ${level} default`, `goes on ${level} default`);
            expected.push(`ends ${level} ${own}`, `immediate of ${level} ${own}`);
          }
          return both(expected)`${nested(depth, enters)}`;
        });
      }
    }
  }

  it('and a throw out of all of them', () =>
    both('next timer default | immediate default | beforeExit default')`
      process.on('uncaughtException', () => {});
      const scopes = [1, 2, 3].map((name) => new AsyncResource('scope ' + name));
      const nest = ([scope, ...others]) => {
        if (scope === undefined) { enter('a'); throw new Error('thrown'); }
        scope.runInAsyncScope(nest, undefined, others);
      };
      setTimeout(nest, 1, scopes);
      setTimeout(() => { log('next timer'); setImmediate(() => log('immediate')); }, 5);
      process.once('beforeExit', () => log('beforeExit'));
    `);
});
