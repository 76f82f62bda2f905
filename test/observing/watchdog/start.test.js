'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { channel } = require('node:diagnostics_channel');
const { setTimeout: delay } = require('node:timers/promises');

const { createNamespace } = require('context');
const { start } = require('context/watchdog');
const { runNode } = require('../../support/child');
const { mustCall } = require('../../support/must-call');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'context-watchdog-'));
const destination = path.join(folder, 'lines');
after(() => fs.rmSync(folder, { recursive: true }));

function block(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** The lines that were written since it was asked last. */
function takeLines() {
  const lines = fs.readFileSync(destination, 'utf8').split('\n').filter(Boolean).map(JSON.parse); // prettier-ignore
  fs.truncateSync(destination);
  return lines;
}

describe('watchdog.start', () => {
  it('refuses options that make no sense, and starts nothing then', () => {
    const wrong = [
      [null, 'ERR_INVALID_ARG_TYPE'],
      ['text', 'ERR_INVALID_ARG_TYPE'],
      [{ threshold: '1000' }, 'ERR_INVALID_ARG_TYPE'],
      [{ threshold: null }, 'ERR_INVALID_ARG_TYPE'],
      [{ stack: 1 }, 'ERR_INVALID_ARG_TYPE'],
      [{ destination: null }, 'ERR_INVALID_ARG_TYPE'],
      [{ destination: '' }, 'ERR_INVALID_ARG_TYPE'],
      [{ destination: {} }, 'ERR_INVALID_ARG_TYPE'],
      [{ namespaces: 'request' }, 'ERR_INVALID_ARG_TYPE'],
      [{ namespaces: [{}] }, 'ERR_INVALID_ARG_TYPE'],
      [{ namespaces: ['there is none of this name'] }, 'ERR_INVALID_ARG_VALUE'],
      ...[-1, 1.5, NaN, 2 ** 31].map((number) => [{ destination: number }, 'ERR_OUT_OF_RANGE']),
      ...[-1, 0, 9, NaN, Infinity, 86_400_001].flatMap((number) => [
        [{ threshold: number }, 'ERR_OUT_OF_RANGE'],
        [{ every: number }, 'ERR_OUT_OF_RANGE'],
      ]),
    ];
    for (const [options, code] of wrong) assert.throws(() => start(options), { code }, JSON.stringify(options));
    start().stop();
  });

  it('starts one at a time', () => {
    const watchdog = start({ destination });
    assert.throws(() => start(), { code: 'ERR_CONTEXT_WATCHDOG_RUNNING' });
    watchdog.stop();
    watchdog.stop();
    const next = start({ destination });
    watchdog.stop();
    assert.throws(() => start(), { code: 'ERR_CONTEXT_WATCHDOG_RUNNING' });
    next[Symbol.dispose ?? Symbol.for('nodejs.dispose')]();
    start({ destination }).stop();
  });

  it('starts and stops many times, and leaves no file open', async () => {
    start({ destination }).stop();
    const open = () => (fs.existsSync('/proc/self/fd') ? fs.readdirSync('/proc/self/fd').length : 0);
    const before = open();
    for (let i = 0; i < 300; i++) start({ threshold: 10, destination }).stop();
    assert.strictEqual(open(), before);
    await delay(1);
  });

  it('emits `blocked`, and publishes on the channel, when the loop answers again', async () => {
    const namespace = createNamespace('watchdog.events').expose('id');
    fs.writeFileSync(destination, '');
    const watchdog = start({ threshold: 50, every: 100, destination });
    let published;
    const subscriber = mustCall((message) => (published = message));
    channel('context.blocked').subscribe(subscriber);
    await delay(5);
    namespace.run(() => {
      namespace.set('id', 'of the test');
      block(600);
    });
    const [blocked] = await once(watchdog, 'blocked');
    watchdog.stop();
    channel('context.blocked').unsubscribe(subscriber);
    assert.strictEqual(published, blocked);
    assert.ok(blocked.duration >= 580, `${blocked.duration} ms`);
    assert.ok(blocked.cpu === null || blocked.cpu <= blocked.duration);
    assert.ok(
      blocked.stack.some((line) => line.includes('block') && line.includes(__filename)),
      blocked.stack.join('\n'),
    );
    const lines = takeLines().filter(({ event }) => event === 'context.blocked');
    // A busy machine may have had an earlier turn that was told as well.
    assert.deepStrictEqual(
      lines.slice(-blocked.reports).map(({ report }) => report),
      Array.from({ length: blocked.reports }, (_, n) => n + 1),
    );
    assert.deepStrictEqual(lines.at(-1).namespaces, blocked.namespaces);
    const { name, contexts, shares } = blocked.namespaces.find((one) => one.name === 'watchdog.events');
    assert.strictEqual(name, 'watchdog.events');
    assert.deepStrictEqual(
      [contexts.length, contexts[0].labels, shares[0].labels],
      [1, { id: 'of the test' }, { id: 'of the test' }],
    );
    assert.ok(contexts[0].age >= 0 && contexts[0].age <= blocked.duration + 1000, `an age of ${contexts[0].age}`);
  });

  it('tells of the namespaces that it is told, and of no stack if it is not asked for', async () => {
    const told = createNamespace('watchdog.told').expose('id');
    const other = createNamespace('watchdog.other').expose('id');
    for (const namespaces of [[told], ['watchdog.told']]) {
      const watchdog = start({ threshold: 20, destination, stack: false, namespaces });
      // On a busy machine a block may be over before the watchdog looks: then there is another one.
      const timer = setInterval(() => other.run(() => told.run(() => block(60))), 5);
      let blocked;
      do [blocked] = await once(watchdog, 'blocked');
      while (blocked.namespaces.length === 0);
      clearInterval(timer);
      watchdog.stop();
      assert.deepStrictEqual([blocked.namespaces.map(({ name }) => name), blocked.stack], [['watchdog.told'], null]);
      assert.ok(takeLines().every((line) => line.event === 'context.blocked' && !('stack' in line)));
    }
  });

  it('tells the contexts from the outermost to the innermost, and what values are now', async () => {
    const namespace = createNamespace('watchdog.nested').expose('id', 'n', 'flag', 'text');
    const watchdog = start({ threshold: 50, every: 10_000, destination });
    await delay(5);
    namespace.run(() => {
      namespace.set('id', 'outer');
      namespace.run((context = namespace.active) => {
        for (let i = 0; i < 1000; i++) context.set('n', i);
        context.set('flag', true);
        context.set('text', 'a "quote", \u001b[31m and \u{1F600}');
        block(600);
      });
    });
    const [{ namespaces }] = await once(watchdog, 'blocked');
    watchdog.stop();
    const { contexts, shares } = namespaces.find(({ name }) => name === 'watchdog.nested');
    const inner = { n: 999, flag: true, text: 'a "quote", \u001b[31m and \u{1F600}' };
    assert.deepStrictEqual(
      contexts.map(({ labels }) => labels),
      [{ id: 'outer' }, inner],
    );
    // A share has what `get` would find.
    assert.deepStrictEqual(shares[0].labels, { ...inner, id: 'outer' });
    assert.ok(!fs.readFileSync(destination, 'latin1').includes('\u001b'));
    takeLines();
  });

  it('names all labels, however many bytes they are: the longest are cut, between two characters', async () => {
    const keys = Array.from({ length: 32 }, (_, n) => `key-${n}${'k'.repeat(n * 4)}`);
    const namespace = createNamespace('watchdog.long').expose(...keys);
    for (const piece of ['x', '\u0001', '\u009b', '"', '\u00e9', '\u{1F600}', '\ud800']) {
      const watchdog = start({ threshold: 50, every: 10_000, destination, stack: false });
      const text = (n) => `${n}:${piece.repeat(200)}`;
      const timer = setInterval(() => {
        namespace.run(() => {
          namespace.set(keys[0], true);
          for (let n = 1; n < 32; n++) namespace.set(keys[n], text(n));
          namespace.run(() => block(150));
        });
      }, 5);
      const [{ namespaces }] = await once(watchdog, 'blocked');
      clearInterval(timer);
      watchdog.stop();
      const { contexts, shares } = namespaces.find(({ name }) => name === 'watchdog.long');
      for (const labels of [contexts[0].labels, shares[0].labels]) {
        const values = Object.entries(labels);
        assert.strictEqual(values.length, 32, piece);
        for (const [key, value] of values) {
          const n = keys.findIndex(
            (whole) => whole.startsWith(key.replace(/…$/, '')) && /^key-\d+/.exec(key)[0] === /^key-\d+/.exec(whole)[0],
          );
          const expected = n === 0 ? 'true' : text(n).replace(/\ud800/g, '\ufffd');
          assert.ok(n >= 0 && expected.startsWith(`${value}`.replace(/…+$/, '')), `${key}: ${value}`);
        }
      }
      takeLines();
    }
  });

  it('counts the CPU time of the turn alone, also of the one in which it is started', async () => {
    const cpu = await runNode(`
      const { execFileSync } = require('node:child_process');
      for (const end = performance.now() + 700; performance.now() < end;);
      const watchdog = require('context/watchdog').start({ threshold: 100, destination: '/dev/null' });
      execFileSync('sleep', ['0.4']);
      watchdog.on('blocked', ({ cpu, duration }) => { console.log(cpu === null || cpu < 350, duration >= 395); watchdog.stop(); });
      setTimeout(() => {}, 100);
    `);
    assert.deepStrictEqual(cpu, { code: 0, stdout: 'true true\n', stderr: '' });
  });

  it('says nothing of a loop that waits, or whose turns are short', async () => {
    const watchdog = start({ threshold: 300, destination });
    for (let i = 0; i < 40; i++) {
      await delay(10);
      block(10);
    }
    // Turns without a wait between them.
    for (const end = performance.now() + 500; performance.now() < end;) await new Promise(setImmediate);
    watchdog.stop();
    assert.deepStrictEqual(takeLines(), []);
  });

  it('keeps no process alive, and its handle need not be held', async () => {
    const { code, stderr } = await runNode(`
      require('context/watchdog').start({ threshold: 10_000 });
      setTimeout(() => {}, 20);
    `);
    assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: '' });
  });

  it('calls listeners in what was active at the start, and reports one that throws as an uncaught exception', async () => {
    const { code, stderr, stdout } = await runNode(`
      const { createNamespace } = require('context');
      const namespace = createNamespace('request');
      const { start } = require('context/watchdog');
      process.on('uncaughtException', (error) => console.log(error === null ? 'null' : error.message));
      namespace.run(() => {
        namespace.set('id', 'starter');
        start({ threshold: 20, destination: '/dev/null' }).once('blocked', () => { throw new Error(namespace.get('id')); });
      });
      const block = () => { for (const end = Date.now() + 200; Date.now() < end;); setTimeout(() => {}, 200); };
      setTimeout(block, 10);
    `);
    assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.strictEqual(stdout, 'starter\n');
  });

  for (const [title, text] of [
    ['a folder that is not there', "'/nonexistent/folder/file'"],
    ['a file descriptor that is not open', '1000'],
    ['a full disk', "'/dev/full'"],
  ]) {
    it(`warns once of a destination that cannot be written, and goes on: ${title}`, async () => {
      const { code, stderr, stdout } = await runNode(`
        const watchdog = require('context/watchdog').start({ threshold: 20, destination: ${text} });
        let left = 3;
        const timer = setInterval(() => { for (const end = Date.now() + 60; Date.now() < end;); }, 20);
        watchdog.on('blocked', () => {
          console.log('blocked');
          if (--left > 0) return;
          clearInterval(timer);
          watchdog.stop();
        });
      `);
      assert.strictEqual(code, 0, stderr);
      assert.strictEqual(stdout, 'blocked\n'.repeat(3));
      assert.strictEqual(stderr.match(/CONTEXT_WATCHDOG_DESTINATION/g)?.length, 1, stderr);
    });
  }

  it('leaves what the application made of Error alone, and runs none of it', async () => {
    const { code, stderr, stdout } = await runNode(`
      Error.stackTraceLimit = 0;
      Error.prepareStackTrace = () => { console.log('it ran'); return 'mine'; };
      require('context/watchdog').start({ threshold: 20, destination: '/dev/null' }).on('blocked', ({ stack }) => {
if (!stack?.some((line) => line.includes('spinning'))) return; // a busy machine takes long to begin
        console.log(Array.isArray(stack), Error.stackTraceLimit, new Error().stack);
      });
      setTimeout(function spinning() { const end = Date.now() + 400; while (Date.now() < end); setTimeout(() => {}, 200); }, 10);
    `);
    assert.strictEqual(code, 0, stderr);
    assert.strictEqual(stdout, 'it ran\ntrue 0 mine\n');
  });
});
