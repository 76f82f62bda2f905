'use strict';

const { itRuns } = require('./programs');

describe('a listener of `blocked`', () => {
  itRuns({
    'may stop the watchdog and start another one': `
      let left = 5;
      (function begin() {
        const watchdog = start({ threshold: 10 + left, destination: require('node:os').devNull });
        watchdog.on('blocked', ({ duration }) => {
          if (duration < 200) return;
          watchdog.stop();
          start({ threshold: 30, destination: require('node:os').devNull }).stop();
          if (--left > 0) return begin();
          console.log('done');
          process.exit();
        });
      })();
      setInterval(() => block(250), 50);
    `,
    'may block the loop itself': `
      let left = 4;
      start({ threshold: 20, destination: require('node:os').devNull }).on('blocked', ({ duration }) => {
        if (duration < 200) return;
        if (--left > 0) return block(250);
        console.log('done');
        process.exit();
      });
      setInterval(() => block(250), 50);
    `,
    'is not called after a stop in the middle of a block, between two reports': `
      (function next(left) {
        if (left === 0) return setTimeout(() => console.log('done'), 50);
        const watchdog = start({ threshold: 10, every: 10, destination: require('node:os').devNull }).on('blocked', ({ stack }) => {
          assert.ok(!stack?.some((line) => line.includes('block')));
        });
        setTimeout(() => { block(50); watchdog.stop(); block(50); setTimeout(next, 20, left - 1); }, 5);
      })(3);
    `,
  });
});

describe('what the stack is read in the middle of', () => {
  itRuns({
    'runs none of the application: nothing that it made of the platform is used, or is in the lines': `
      const { randomUUID } = require('node:crypto');
      const file = require('node:path').join(require('node:os').tmpdir(), 'context-' + randomUUID());
      process.on('exit', () => fs.rmSync(file));
      const ran = new Set();
      const note = (name) => ran.add(name);
      const keys = ['toJSON', '0', '1', 'stack', 'event', 'fd'];
      const prototypes = [Object.prototype, Array.prototype, String.prototype];
      const NativeDate = Date;
      const { toISOString } = Date.prototype;
      const watchdog = start({ threshold: 30, destination: file });
      setTimeout(function spinning() {
        globalThis.Date = class extends NativeDate { constructor() { super(0); note('Date'); } };
        NativeDate.prototype.toISOString = function () { note('toISOString'); return ''; };
        Object.defineProperty(process, 'pid', { configurable: true, get() { note('pid'); return 1; } });
        for (const prototype of prototypes) {
          for (const key of keys) {
            Reflect.defineProperty(prototype, key, { __proto__: null, configurable: true, set() { note(key); }, get() { note(key); } });
          }
        }
        block(200);
        for (const prototype of prototypes) for (const key of keys) delete prototype[key];
        globalThis.Date = NativeDate;
        NativeDate.prototype.toISOString = toISOString;
        assert.deepStrictEqual([...ran], []);
        setTimeout(() => {
          watchdog.stop();
          const lines = fs.readFileSync(file, 'utf8').split('\\n').filter(Boolean).map((line) => JSON.parse(line));
          // On a busy machine the first turn may be a block, too.
          const stacks = lines.filter(({ event }) => event === 'context.blocked.stack');
          const { time, pid } = stacks.find(({ stack }) => stack.some((line) => line.includes('spinning')));
          assert.ok(Date.parse(time) > Date.parse('2020-01-01') && pid > 1);
          console.log('done');
        }, 50);
      }, 10);
    `,
    'shows what ran, whatever the application made of Error and of names: constructors, eval, other contexts': `
      const vm = require('node:vm');
      const fail = () => console.log('ran');
      Object.defineProperty(Error, 'prepareStackTrace', { get: fail, set: fail });
      Error.stackTraceLimit = 0;
      Object.freeze(Error);
      class Working { constructor() { vm.runInNewContext('(function inContext() { work(); })()', { work: this.work }, 'in-context.js'); } work() { named(); } }
      function named() { eval('(function evaluated() { (() => block(400))(); })()'); }
      Object.defineProperty(named, 'name', { get() { fail(); return 'wrong'; } });
      class Silent extends Working {}
      const watchdog = start({ threshold: 100, destination: require('node:os').devNull }).on('blocked', ({ stack }) => {
        // On a busy machine it may be read before the block has begun.
        if (!stack.some((line) => line.startsWith('block '))) return setTimeout(timer, 10);
        assert.ok(stack.every((line) => /:\\d+:\\d+\\)?$/.test(line)), stack.join());
        const calls = stack.map((line) => line.replace(/:\\d+:\\d+/, '')).filter((line) => !/node:|eval \\(|^[^ ]+$/.test(line));
        assert.deepStrictEqual(calls, ['block ([eval])', 'evaluated (<anonymous>)', 'named ([eval])', 'work ([eval])',
          'inContext (in-context.js)', 'new Working ([eval])', 'new Silent ([eval])', 'timer ([eval])']);
        watchdog.stop();
        console.log('done');
      });
      function timer() { new Silent(); setTimeout(() => {}, 200); }
      setTimeout(timer, 10);
    `,
    'may be a stack that is full': `
      start({ threshold: 10, every: 10, destination: require('node:os').devNull });
      const deeper = () => { deeper(); };
      setTimeout(() => {
        for (const end = performance.now() + 1500; performance.now() < end;) {
          assert.throws(deeper, { name: 'RangeError', message: 'Maximum call stack size exceeded' });
        }
        console.log('done');
      }, 10);
    `,
    'may be a getter, a proxy, a sort or a replacer that JavaScript calls from native code': `
      let isSeen = false;
      const watchdog = start({ threshold: 60, every: 10_000, destination: require('node:os').devNull });
      watchdog.on('blocked', ({ stack }) => { isSeen ||= stack?.some((line) => line.includes('block')) ?? false; });
      const works = [
        () => ({ get a() { block(300); return 1; } }).a,
        () => new Proxy({}, { get() { block(300); return 1; } }).a,
        () => [2, 1].sort(() => { block(300); return 1; }),
        () => JSON.stringify({ a: 1 }, (key, value) => { block(150); return value; }),
        () => 'a'.replace(/a/, () => { block(300); return 'b'; }),
        () => new (class { constructor() { block(300); } })(),
        () => Reflect.construct(function () { block(300); }, []),
        () => structuredClone({ get a() { block(300); return 1; } }),
      ];
      // A busy machine may let one of them go unseen: then it is done again.
      (function next() {
        if (isSeen) works.shift();
        isSeen = false;
        if (works.length > 0) return setTimeout(() => { works[0](); setTimeout(next, 20); }, 10);
        console.log('done');
        watchdog.stop();
      })();
    `,
  });
});

describe('a machine that is busy', () => {
  if (process.platform !== 'linux') return; // a processor can be made busy there
  itRuns({
    'makes the watchdog late, and does not shorten how long a call of the system took': `
      const { execFileSync, spawn } = require('node:child_process');
      const os = require('node:os');
      const [cpu] = /\\d+(?=\\s*$)/.exec(execFileSync('taskset', ['-pc', process.pid], { encoding: 'utf8' }));
      const busy = Array.from({ length: 4 }, () => spawn('taskset', ['-c', cpu, 'sh', '-c', 'while :; do :; done']));
      // The watchdog's thread gets what this one has: one processor, and little of it.
      execFileSync('taskset', ['-pc', cpu, process.pid]);
      os.setPriority(os.constants.priority.PRIORITY_LOW);
      let longest = 0;
      start({ threshold: 1000, destination: require('node:os').devNull, stack: false }).on('blocked', ({ duration }) => {
        longest = Math.max(longest, duration);
      });
      setTimeout(() => {
        execFileSync('sleep', ['1.5']);
        for (const each of busy) each.kill('SIGKILL');
        setTimeout(() => {
          assert.ok(longest > 1490, longest + ' ms');
          console.log('done');
        }, 500);
      }, 10);
    `,
  });
});
