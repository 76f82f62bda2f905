'use strict';

const assert = require('node:assert');
const path = require('node:path');

const { linesOf, root } = require('../../support/child');
const { copyOf } = require('../../support/copy');

/** The beginning of the programs below. `keep` ends a context that \`hold\` keeps; \`lines\` are what explain() finds. */
const HEAD = `
  const { createNamespace } = require('context');
  const leaks = require('context/leaks').start();
  const namespace = createNamespace('request');
  const keep = (hold) => {
    const context = namespace.createContext();
    context.run(() => { hold(context); });
  };
  const lines = async (options) =>
    (await leaks.explain({ olderThan: 0, ...options })).groups.map(({ count, line }) => count + ' × ' + line).sort();
  const print = (text) => { console.log(String(text)); process.exit(); };
`;

const TIMER = '1 × active timers → Timeout of setTimeout at [eval]:';

const programs = {
  'names one of two holders, and the other once the first is gone': [
    `const cache = globalThis.cache = [];
    keep((context) => { cache.push(context); setTimeout(() => {}, 1e8); });
    lines().then(async (both) => {
      cache.length = 0;
      print(both + (await lines()));
    });`,
    (line) => line.startsWith('1 × global → .cache Array → the context') && line.includes(TIMER),
  ],
  'is not what it finds: in an ended context, it names the timer that it is called by': [
    `keep(() => setInterval(async function report() { print(await lines()); }, 1));`,
    (line) => /^1 × active timers → Timeout of setInterval at \[eval\]:\d+ → the context$/.test(line),
  ],
  'says so if only the caller holds a context': [
    `async function main() {
      const context = namespace.createContext();
      context.run(() => {});
      print((await lines()) + context.namespace.name);
    }
    main();`,
    (line) => line === '1 × only the code that waits for explain()request',
  ],
  'explains a sample, and those alone that are old enough': [
    `globalThis.kept = [];
    for (let index = 0; index < 10; index++) keep((context) => kept.push(context));
    const all = [{ sample: 1 }, { sample: 4 }, { sample: 9.5 }, { sample: Infinity }, { olderThan: 1e6 }];
    (async () => {
      const found = [];
      for (const options of all) found.push((await lines(options)).map((line) => line.split(' ')[0]));
      print(JSON.stringify(found));
    })();`,
    (line) => line === '[["1"],["4"],["9"],["10"],[]]',
  ],
  'finds functions while a debugger is attached': [
    `const { Session } = require('node:inspector');
    const session = new Session();
    session.connect();
    session.post('Debugger.enable');
    globalThis.kept = [];
    keep((context) => kept.push(context.bind(function work() {})));
    lines().then(print);`,
    (line) => /^1 × global → \.kept Array → bound function work \(\[eval\]:\d+\) → the context$/.test(line),
  ],
  'begins no line with a module of this package': [
    `leaks.stop();
    (function main() {
      const held = [];
      const watch = require('context/leaks').start({ label: () => String(held.length) });
      keep((context) => held.push(context));
      watch.explain({ olderThan: 0 }).then(({ groups }) => print(groups.map((group) => group.line)));
    })();`,
    (line) => line === 'variable held ([eval]) → Array → the context',
  ],
  'explains several at a time, each with all contexts': [
    `globalThis.kept = [];
    keep((context) => kept.push(context));
    Promise.all([lines(), lines(), lines({ olderThan: 1e6 })]).then((all) => print(all.map(({ length }) => length)));`,
    (line) => line === '1,1,0',
  ],
};

describe('explain() of context/leaks, in programs', () => {
  for (const [title, [program, isRight]] of Object.entries(programs)) {
    it(title, async () => {
      const [line] = await linesOf(HEAD + program);
      assert.ok(isRight(line), line);
    });
  }

  it('counts and explains contexts of other copies of the package', async () => {
    const older = copyOf('1.0.0');
    const program = `
      const other = require(${JSON.stringify(older)});
      const { start } = require(${JSON.stringify(path.join(root, 'lib', 'observing', 'leaks'))});
      const leaks = start();
      globalThis.kept = [];
      (() => {
        const context = other.createNamespace('of the copy').createContext();
        context.run(() => kept.push(context.bind(function work() {})));
      })();
      setImmediate(async () => {
        const { groups } = await leaks.explain({ olderThan: 0 });
        console.log(groups.map(({ label, line }) => label + ': ' + line.replace(/:\\d+/, '')).join());
      });`;
    const [line] = await linesOf(program, { NODE_NO_WARNINGS: '1' });
    assert.strictEqual(line, 'of the copy: global → .kept Array → bound function work ([eval]) → the context');
  });
});
