'use strict';

const assert = require('node:assert');

const { PRELUDE, findAll } = require('./application');

/** What loses: the name, the program, the kind, the API, and how a repair begins. Each request but the first runs in the first. */
const LOSSES = [
  ['a callback', `each(() => lib.query('x', () => read()));`, 'callback', 'lib.query', 'bind(callback)'],
  ['a named callback', `each(() => { const done = () => read(); lib.query('x', done); });`, 'callback', 'lib.query', 'bind('],
  ['a declared one', `each(() => { lib.query('x', done); function done() { read(); } });`, 'callback', 'lib.query', 'bind('],
  ['what it calls', `const log = () => read(); each(() => lib.query('x', () => log()));`, 'callback', 'lib.query', 'bind('],
  ['after await', `each(() => lib.query('x', async () => { await null; read(); }));`, 'callback', 'lib.query', 'bind('],
  ['in parentheses', `each(() => lib.query('x', async () => (await null, read())));`, 'callback', 'lib.query', 'bind('],
  [
    'what it calls, after await',
    `const log = async () => { await null; await null; read(); }; each(() => lib.query('x', () => void log()));`,
    'callback',
    'lib.query',
    'bind(',
  ],
  ['what it starts', `each(() => lib.query('x', () => setTimeout(() => read(), 1)));`, 'callback', 'lib.query', 'bind('],
  ['then', `each(() => lib.query('x', () => void Promise.resolve().then(() => read())));`, 'callback', 'lib.query', 'bind('],
  ['a property', `each(() => lib.ask({ done: () => read() }));`, 'callback', 'lib.ask { done }', 'bind('],
  [
    'a short property',
    `each(() => { const done = () => read(); lib.ask({ done }); });`,
    'callback',
    'lib.ask { done }',
    'bind(',
  ],
  ['a method', `each(() => lib.method({ next() { read(); } }));`, 'callback', 'lib.method', 'bind('],
  [
    'a listener',
    `each((id) => { lib.emitter.on('news', () => read()); if (id === 1) lib.emitLater(); });`,
    'listener',
    'lib.emitter.on',
    'namespace.active.add(',
  ],
  ['a function of the program', `each(() => lib.query('x', read));`, 'callback', 'lib.query', 'bind('],
  ['a bound function', `each(() => lib.query('x', read.bind(null)));`, 'callback', 'lib.query', 'bind('],
  [
    'a method of a class',
    `class A { run() { read(); } } each(() => { const a = new A(); lib.query('x', () => a.run()); });`,
    'callback',
    'lib.query',
    'bind(',
  ],
  [
    'a job',
    `const queue = lib.queue(function work(job) { read(); }); each((id) => queue.push({ id }));`,
    'job',
    'queue.push',
    'put snapshot()',
  ],
  [
    'a job, taken apart',
    `const queue = lib.queue(({ look }) => read()); each((id) => queue.push({ look: () => {} }));`,
    'job',
    'queue.push { look }',
    'put snapshot()',
  ],
  [
    'a batch of objects',
    `const loader = lib.batch((keys) => read()); each((id) => { loader.load({ id }); }, [2, 1]);`,
    'job',
    'loader.load',
    'put snapshot()',
  ],
  [
    'a batch of keys',
    `const loader = lib.batch((keys) => read()); each((id) => loader.load('key' + id));`,
    'job',
    'loader.load',
    'put snapshot()',
  ],
  [
    'a generator of the program',
    `function* run() { yield; read(); } each(() => lib.coroutine(run()));`,
    'function',
    undefined,
    'bind(',
  ],
  [
    'a generator',
    `each(() => lib.coroutine((function* () { yield; read(); yield; read(); })()));`,
    'function',
    undefined,
    'bind(',
  ],
].map(([name, text, kind, api, repair]) => ({ name, text, kind, api, repair }));

/** What is right, or is repaired. */
const SILENT = [
  ['promises', `await Promise.all(each(async () => { await lib.promise(); read(); }));`],
  ['bind', `each(() => lib.query('x', bind(() => read())));`],
  ['the namespace’s bind', `each(() => lib.query('x', request.bind(() => read())));`],
  ['snapshot', `each(() => { const run = snapshot(); lib.query('x', () => run(() => read())); });`],
  ['AsyncResource.bind', `each(() => lib.query('x', AsyncResource.bind(() => read())));`],
  ['run', `each((id) => lib.query('x', () => request.createContext({ id }).run(() => storage.run({ id }, () => read()))));`],
  [
    'an added emitter',
    `const e = new (require('events'))(); each(() => { request.active.add(e); e.on('x', () => read()); }); lib.later(() => e.emit('x'));`,
  ],
  [
    'a listener that was taken off',
    `each(() => { lib.emitter.on('news', read); lib.emitter.off('news', read); }); lib.emitLater();`,
  ],
  [
    'taken off in another context',
    `each(() => lib.emitter.on('news', read), [1]); lib.emitter.off('news', read); each(() => lib.emitLater());`,
  ],
  ['a callback that reads nothing', `each(() => lib.query('x', () => {}));`],
  ['one that reads another context', `each(() => { const { active } = request; lib.query('x', () => active.get('id')); });`],
  ['a nested context', `each(() => { const done = () => read(); request.run(() => lib.now(done)); });`],
  ['a synchronous callback', `each(() => lib.now(() => read()));`],
  ['timers', `each(() => setTimeout(() => setImmediate(() => process.nextTick(() => read()))));`],
  ['outside requests', `lib.query('x', () => read()); each(() => lib.query('y', () => {}));`],
  ['an own broadcast', `const all = []; each(() => all.push(() => read())); for (const call of all) call();`],
  [
    'an object of all requests',
    `const shared = {}; const queue = lib.queue((job) => read()); each(() => { String(shared); lib.now.call(shared, () => {}); Object(shared); queue.push(shared); });`,
  ],
  ['a right read after a wrong run', `each(() => lib.query('x', () => {})); each(() => lib.query('y', bind(() => read())));`],
];

const hint = (found) => found.map(({ text }) => text).join('\n');

describe('context/finder', () => {
  let found;
  before(async () => {
    found = await findAll([...LOSSES.map(({ name, text }) => [name, text]), ...SILENT]);
  });

  for (const [index, { name, kind, api, repair, text }] of LOSSES.entries()) {
    it(`finds the line and the repair: ${name}`, () => {
      const [first, ...others] = found[index];
      assert.strictEqual(others.length, 0, hint(found[index]));
      assert.ok(first, 'nothing was found');
      const facts = [first.kind, first.api, first.file, first.package];
      assert.deepStrictEqual(facts, [kind, api, 'cases.js', 'lib']);
      assert.ok(first.repair.startsWith(repair), first.repair);
      assert.ok(first.reads >= 1 && first.foreign + first.none >= 1, first.text);
      // The program's lines: it begins after the prelude, and each has one line.
      assert.strictEqual(first.line - found[0][0].line, 3 * index, text);
      assert.match(first.text, /passed in request#\d, ran in request#\d \(\d times? in another request/);
      assert.match(first.firstRead, /^(read|standIn )?.*cases\.js:\d+:\d+/);
      assert.match(first.calledAt, /node_modules[/\\]lib[/\\]index\.js:\d+:\d+/);
    });
  }

  for (const [index, [name]] of SILENT.entries()) {
    it(`is silent: ${name}`, () => assert.strictEqual(hint(found[LOSSES.length + index]), ''));
  }

  it('counts exactly, and after 100 losses at a place by sample', async () => {
    const many = Array.from({ length: 301 }, (_, id) => id);
    const cases = [
      ['few', `each(() => lib.query('x', () => read()), ${JSON.stringify(many.slice(0, 51))});`],
      ['many', `each(() => lib.query('x', () => read()), ${JSON.stringify(many)});`],
      ['none', `each(() => lib.query('x', () => read()), [1]); lib.later(() => {}); each(() => {}); storage.exit(() => {});`],
    ];
    const [[few], [all], none] = await findAll(cases);
    assert.deepStrictEqual([few.foreign, few.none, few.reads], [50, 0, 50]);
    assert.deepStrictEqual([all.foreign, all.none], [300, 0]);
    assert.ok(all.reads >= 100 && all.reads <= 300, `${all.reads}`);
    assert.deepStrictEqual(none, []);
  });

  it('compares the stores of every AsyncLocalStorage with als', async () => {
    const cases = [
      ...LOSSES.map(({ name, text }) => [name, text]),
      ...SILENT.filter(([name]) => !/bind|snapshot|added/.test(name)),
    ];
    const results = await findAll(cases, 'als');
    for (const [index, { name, kind }] of LOSSES.entries()) {
      assert.strictEqual(results[index][0]?.kind, kind, `${name}: ${hint(results[index])}`);
      if (kind === 'callback') assert.match(results[index][0].repair, /^AsyncLocalStorage\.bind\(/);
    }
    for (const [index, [name]] of cases.slice(LOSSES.length).entries()) {
      assert.strictEqual(hint(results[LOSSES.length + index]), '', name);
    }
  });

  it('reports with all what reads nothing, and with own what the application itself calls', async () => {
    const quiet = SILENT.find(([name]) => name === 'a callback that reads nothing');
    const own = SILENT.find(([name]) => name === 'an own broadcast');
    const [[unread]] = await findAll([quiet], 'all');
    assert.deepStrictEqual([unread.reads, unread.firstRead], [0, undefined]);
    const [[called]] = await findAll([own], 'own');
    assert.deepStrictEqual([called.package, called.reads > 0], ['the application', true]);
  });

  it('names with carriers what carried the other context', async () => {
    const losses = [
      `each(() => lib.query('x', () => read()));`,
      `each(async () => { await null; lib.together(3, () => read()); });`,
    ];
    const [[timer], [promise]] = await findAll(
      losses.map((text) => [text, text]),
      'carriers',
    );
    const line = PRELUDE.split('\n').length + 2;
    const shown = [timer, promise].map(({ carrier }) => carrier.replace(/\d+:\d+ for/, '… for').replaceAll('\\', '/'));
    assert.deepStrictEqual(shown, [
      `carried by a Timeout that was made by node_modules/lib/index.js:… for cases.js:${line}:16 in request#1`,
      `carried by a PROMISE that was made for cases.js:${line + 3}:20 in request#3`,
    ]);
  });
});
