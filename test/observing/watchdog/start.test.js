'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { channel } = require('node:diagnostics_channel');
const { setTimeout: delay } = require('node:timers/promises');

const { createNamespace } = require('context');
const { start } = require('context/watchdog');
const core = require('../../../lib/frames/binding');
const { makeFolder } = require('../../support/folders');
const { mustCall } = require('../../support/must-call');
const { itRuns } = require('./programs');

const folder = makeFolder();
const destination = path.join(folder, 'lines');
beforeEach(() => fs.writeFileSync(destination, ''));

function block(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** The lines that were written. */
function readLines() {
  return fs.readFileSync(destination, 'utf8').split('\n').filter(Boolean).map(JSON.parse); // prettier-ignore
}

describe('watchdog.start', () => {
  it('starts and stops many times, and leaves no file open', async () => {
    start({ destination }).stop();
    const open = () => (process.platform === 'linux' ? fs.readdirSync('/proc/self/fd').length : 0);
    const before = open();
    for (let i = 0; i < 300; i++) start({ threshold: 10, destination }).stop();
    assert.strictEqual(open(), before);
    await delay(1);
  });

  it('emits `blocked`, and publishes on the channel, when the loop answers again', async () => {
    const namespace = createNamespace('watchdog.events').expose('id');
    const watchdog = start({ threshold: 50, every: 100, destination });
    let published;
    const subscriber = mustCall((message) => (published = message));
    channel('context.blocked').subscribe(subscriber);
    while (core.clock[0] === 0) await delay(1); // until its thread runs
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
    const { stack } = blocked;
    assert.ok(stack.some((line) => line.includes('block') && line.includes(__filename)), stack.join('\n')); // prettier-ignore
    const lines = readLines().filter(({ event }) => event === 'context.blocked');
    // A busy machine may have had an earlier turn that was reported as well.
    const reports = lines.slice(-blocked.reports).map(({ report }) => report);
    assert.deepStrictEqual(
      reports,
      Array.from({ length: blocked.reports }, (_, n) => n + 1),
    );
    assert.deepStrictEqual(lines.at(-1).namespaces, blocked.namespaces);
    const { contexts, shares } = blocked.namespaces.find(({ name }) => name === 'watchdog.events');
    const labels = [...contexts, shares[0]].map((each) => each.labels);
    assert.deepStrictEqual(labels, [{ id: 'of the test' }, { id: 'of the test' }]);
    assert.ok(contexts[0].age >= 0 && contexts[0].age <= blocked.duration, `an age of ${contexts[0].age}`);
  });

  it('reports the namespaces that are asked for, and no stack if that is not', async () => {
    const named = createNamespace('watchdog.named').expose('id');
    const other = createNamespace('watchdog.other').expose('id');
    for (const namespaces of [[named], ['watchdog.named']]) {
      const watchdog = start({ threshold: 20, destination, stack: false, namespaces });
      // On a busy machine a block may be over before the watchdog looks: then there is another one.
      const timer = setInterval(() => other.run(() => named.run(() => block(60))), 5);
      let blocked;
      do [blocked] = await once(watchdog, 'blocked');
      while (blocked.namespaces.length === 0);
      clearInterval(timer);
      watchdog.stop();
      assert.deepStrictEqual([blocked.namespaces.map(({ name }) => name), blocked.stack], [['watchdog.named'], null]);
      assert.ok(readLines().every((line) => line.event === 'context.blocked' && !('stack' in line)));
    }
  });

  it('reports the contexts from the outermost to the innermost, and their values of now', async () => {
    const namespace = createNamespace('watchdog.nested').expose('id', 'n', 'flag', 'text');
    const watchdog = start({ threshold: 50, every: 10_000, destination });
    await delay(5);
    const inner = { n: 999, flag: true, text: 'a "quote", \u001b[31m and \u{1F600}' };
    namespace.run(() => {
      namespace.set('id', 'outer');
      namespace.run((context = namespace.active) => {
        for (let i = 0; i < 1000; i++) context.set('n', i);
        context.set('flag', inner.flag);
        context.set('text', inner.text);
        block(600);
      });
    });
    const [{ namespaces }] = await once(watchdog, 'blocked');
    watchdog.stop();
    const { contexts, shares } = namespaces.find(({ name }) => name === 'watchdog.nested');
    // A share has what `get` would find.
    const labels = [...contexts, shares[0]].map((each) => each.labels);
    assert.deepStrictEqual(labels, [{ id: 'outer' }, inner, { ...inner, id: 'outer' }]);
    assert.ok(!fs.readFileSync(destination, 'latin1').includes('\u001b'));
  });

  it('names all labels, however many bytes they are: the longest are cut, between two characters', async () => {
    const keys = Array.from({ length: 32 }, (_, n) => `key-${n}${'k'.repeat(n * 4)}`);
    const namespace = createNamespace('watchdog.long').expose(...keys);
    for (const piece of ['x', '\u0001', '\u009b', '"', '\u00e9', '\u{1F600}', '\ud800']) {
      const watchdog = start({ threshold: 50, every: 10_000, destination, stack: false });
      const values = keys.map((key, n) => (n === 0 ? true : `${n}:${piece.repeat(200)}`));
      const timer = setInterval(() => {
        namespace.run(() => {
          for (const [n, key] of keys.entries()) namespace.set(key, values[n]);
          namespace.run(() => block(150));
        });
      }, 5);
      const [{ namespaces }] = await once(watchdog, 'blocked');
      clearInterval(timer);
      watchdog.stop();
      const { contexts, shares } = namespaces.find(({ name }) => name === 'watchdog.long');
      for (const { labels } of [contexts[0], shares[0]]) {
        assert.strictEqual(Object.keys(labels).length, 32, piece);
        for (const [key, value] of Object.entries(labels)) {
          const n = Number(/^key-(\d+)/.exec(key)[1]);
          assert.ok(keys[n].startsWith(key.replace(/…$/, '')), key);
          const whole = `${values[n]}`.replace(/\ud800/g, '\ufffd');
          assert.ok(whole.startsWith(`${value}`.replace(/…+$/, '')), `${key}: ${value}`);
        }
      }
    }
  });

  itRuns({
    'counts the CPU time of the turn alone, also of the one in which it is started': `
      const { execFileSync } = require('node:child_process');
      block(700);
      const watchdog = start({ threshold: 100, destination: require('node:os').devNull });
      execFileSync(process.execPath, ['-e', 'setTimeout(() => {}, 400)']);
      watchdog.on('blocked', ({ cpu, duration }) => {
        assert.ok((cpu === null || cpu < 350) && duration >= 395, cpu + ' of ' + duration);
        watchdog.stop();
        console.log('done');
      });
      setTimeout(() => {}, 100);
    `,
    'keeps no process alive, and its handle need not be held': `
      start({ threshold: 10_000 });
      setTimeout(() => console.log('done'), 20);
    `,
    'calls listeners in what was active at the start, and reports one that throws as an uncaught exception': `
      const namespace = createNamespace('request');
      let watchdog;
      process.on('uncaughtException', ({ message }) => {
        assert.strictEqual(message, 'starter');
        console.log('done');
        watchdog.stop();
      });
      namespace.run(() => {
        namespace.set('id', 'starter');
        watchdog = start({ threshold: 20, destination: require('node:os').devNull });
        watchdog.once('blocked', () => { throw new Error(namespace.get('id')); });
      });
      setTimeout(() => { block(200); setTimeout(() => {}, 200); }, 10);
    `,
    'warns once of a destination that cannot be written, or that nobody reads, and goes on': `
      const warnings = [];
      process.removeAllListeners('warning').on('warning', ({ code }) => warnings.push(code));
      const [fifo, unread] = ['fifo', 'unread'].map((name) => ${JSON.stringify(folder)} + '/' + name);
      const pipes = process.platform === 'win32' ? [] : [fifo, unread];
      if (pipes.length > 0) require('node:child_process').execFileSync('mkfifo', pipes);
      (function next([first, ...others]) {
        if (first === undefined) return console.log('done');
        const reader = first === unread ? fs.openSync(unread, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK) : undefined;
        const watchdog = start({ threshold: 20, destination: first });
        if (reader !== undefined) fs.closeSync(reader);
        let left = 3;
        const timer = setInterval(() => block(60), 20);
        watchdog.on('blocked', () => {
          if (--left > 0) return;
          clearInterval(timer);
          watchdog.stop();
          assert.deepStrictEqual(warnings.splice(0), ['CONTEXT_WATCHDOG_DESTINATION'], String(first));
          next(others);
        });
      })(['/nonexistent/folder/file', 1000, '/dev/full', ...pipes]);
    `,
    'leaves what the application made of Error alone, and runs none of it': `
      Error.stackTraceLimit = 0;
      Error.prepareStackTrace = () => { ran++; return 'mine'; };
      let ran = 0;
      start({ threshold: 20, destination: require('node:os').devNull }).on('blocked', ({ stack }) => {
        if (!stack?.some((line) => line.includes('spinning'))) return; // a busy machine takes long to begin
        assert.deepStrictEqual([Array.isArray(stack), Error.stackTraceLimit, ran, new Error().stack], [true, 0, 0, 'mine']);
        console.log('done');
        clearInterval(timer);
      });
      const timer = setInterval(function spinning() { block(400); }, 10);
    `,
  });

  if (process.platform !== 'linux') return; // a thread can be refused there
  itRuns({
    'throws if the system has no thread for it, and the process goes on': `
      const { execFileSync } = require('node:child_process');
      execFileSync('prlimit', ['--pid', String(process.pid), '--nproc=1:1']);
      // The system does not count what belongs to root.
      if (process.getuid() === 0) process.setuid(65534);
      for (let i = 0; i < 2; i++) {
        assert.throws(() => start({ destination: require('node:os').devNull }), { code: 'ERR_CONTEXT_WATCHDOG_THREAD' });
      }
      console.log('done');
    `,
  });
});
