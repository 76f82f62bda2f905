'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { outputOf, run } = require('./programs');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'context-watchdog-'));
after(() => fs.rmSync(folder, { recursive: true }));

describe('a listener of `blocked`', () => {
  const after = 'setInterval(() => block(250), 50);';

  it('may stop the watchdog and start another one', async () => {
    const stdout = await outputOf(`
      let left = 5;
      const begin = () => {
        const watchdog = start({ threshold: 10 + left, destination: '/dev/null' });
        watchdog.on('blocked', ({ duration }) => {
          if (duration < 200) return;
          watchdog.stop();
          start({ threshold: 30, destination: '/dev/null' }).stop();
          console.log('blocked');
          if (--left === 0) process.exit();
          begin();
        });
      };
      begin();
      ${after}
    `);
    assert.strictEqual(stdout, 'blocked\n'.repeat(5));
  });

  it('may block the loop itself', async () => {
    const stdout = await outputOf(`
      let left = 4;
      start({ threshold: 20, destination: '/dev/null' }).on('blocked', ({ duration }) => {
        if (duration < 200) return;
        console.log(left);
        if (--left === 0) process.exit();
        block(250);
      });
      ${after}
    `);
    assert.strictEqual(stdout, '4\n3\n2\n1\n');
  });

  it('may stop it from within a block, between two that are told', async () => {
    const stdout = await outputOf(`
      (function next(left) {
        if (left === 0) return setTimeout(() => console.log('over'), 50);
        const watchdog = start({ threshold: 10, every: 10, destination: '/dev/null' }).on('blocked', ({ stack }) => {
          if (stack?.some((line) => line.includes('block'))) console.log('told');
        });
        setTimeout(() => { block(50); watchdog.stop(); block(50); setTimeout(next, 20, left - 1); }, 5);
      })(3);
    `);
    assert.strictEqual(stdout, 'over\n');
  });
});

describe('what the stack is read in the middle of', () => {
  it('runs none of the application: what it made of the platform stays unused, and is not told', async () => {
    const file = path.join(folder, 'lines-of-the-tampered');
    const stdout = await outputOf(`
      const ran = new Set();
      const note = (name) => ran.add(name);
      const keys = ['toJSON', '0', '1', 'stack', 'event', 'fd'];
      const prototypes = [Object.prototype, Array.prototype, String.prototype];
      const NativeDate = Date;
      const { toISOString } = Date.prototype;
      const watchdog = start({ threshold: 30, destination: ${JSON.stringify(file)} });
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
        console.log([...ran].join() || 'nothing ran');
        setTimeout(() => watchdog.stop(), 50);
      }, 10);
    `);
    assert.strictEqual(stdout, 'nothing ran\n');
    const lines = fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map(JSON.parse); // prettier-ignore
    const [{ stack, time, pid }] = lines.filter(({ event }) => event === 'context.blocked.stack');
    assert.ok(stack.some((line) => line.includes('spinning')), JSON.stringify(stack)); // prettier-ignore
    assert.deepStrictEqual([Date.parse(time) > Date.parse('2020-01-01'), pid > 1], [true, true]);
  });

  it('shows what ran, whatever the application made of Error and of names: constructors, eval, other contexts', async () => {
    const stdout = await outputOf(`
      const vm = require('node:vm');
      Object.defineProperty(Error, 'prepareStackTrace', { get() { console.log('ran'); }, set() { console.log('ran'); } });
      Error.stackTraceLimit = 0;
      Object.freeze(Error);
      class Working { constructor() { vm.runInNewContext('(function inContext() { work(); })()', { work: this.work }, 'in-context.js'); } work() { named(); } }
      function named() { eval('(function evaluated() { (() => block(400))(); })()'); }
      Object.defineProperty(named, 'name', { get() { console.log('ran'); return 'wrong'; } });
      class Silent extends Working {}
      const watchdog = start({ threshold: 100, destination: '/dev/null' }).on('blocked', ({ stack }) => {
        // On a busy machine it may be read before the block has begun.
        if (!stack.some((line) => line.startsWith('block '))) return setTimeout(timer, 10);
        if (!stack.every((line) => /:\\d+:\\d+\\)?$/.test(line))) console.log(stack);
        console.log(stack.map((line) => line.replace(/:\\d+:\\d+/, '')).filter((line) => !/node:|eval \\(|^[^ ]+$/.test(line)).join(', '));
        watchdog.stop();
      });
      function timer() { new Silent(); setTimeout(() => {}, 200); }
      setTimeout(timer, 10);
    `);
    const calls = 'block ([eval]), evaluated (<anonymous>), named ([eval]), work ([eval]), inContext (in-context.js)';
    assert.strictEqual(stdout, `${calls}, new Working ([eval]), new Silent ([eval]), timer ([eval])\n`);
  });

  it('may be a script that runs out of its time, while the stack is read: it ends', async () => {
    const stdout = await outputOf(`
      const vm = require('node:vm');
      start({ threshold: 10, every: 10, destination: '/dev/null' });
      const context = vm.createContext();
      const codes = new Set();
      (function turn(left) {
        try {
          vm.runInContext('for (;;);', context, { timeout: 8 + (left % 8) });
        } catch ({ code }) {
          codes.add(code);
        }
        if (left > 0) setTimeout(turn, 1, left - 1);
        else console.log([...codes].join());
      })(150);
    `);
    assert.strictEqual(stdout, 'ERR_SCRIPT_EXECUTION_TIMEOUT\n');
  });

  it('may be a stack that is full', async () => {
    const stdout = await outputOf(`
      start({ threshold: 10, every: 10, destination: '/dev/null' });
      const messages = new Set();
      let deepest = 0;
      const deeper = (level) => { deepest = level; deeper(level + 1); };
      setTimeout(() => {
        for (const end = performance.now() + 1500; performance.now() < end;) {
          try {
            deeper(0);
          } catch ({ name, message }) {
            messages.add(name + ': ' + message);
          }
        }
        console.log([...messages].join());
      }, 10);
    `);
    assert.strictEqual(stdout, 'RangeError: Maximum call stack size exceeded\n');
  });

  it('may be a getter, a proxy, a sort or a replacer that JavaScript calls from native code', async () => {
    const stdout = await outputOf(`
      let isTold = false;
      const watchdog = start({ threshold: 60, every: 10_000, destination: '/dev/null' });
      watchdog.on('blocked', ({ stack }) => { isTold ||= stack?.some((line) => line.includes('block')) ?? false; });
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
      // A machine that is busy may let one of them go unseen: then it is done again.
      (function next(left) {
        if (isTold) works.shift();
        isTold = false;
        if (works.length === 0 || left === 0) {
          console.log(works.length + ' are left');
          process.exit();
        }
        setTimeout(() => { works[0](); setTimeout(next, 20, left - 1); }, 10);
      })(40);
    `);
    assert.strictEqual(stdout, '0 are left\n');
  });
});

describe('a thread that cannot be made', () => {
  it('is said by an error, and the process goes on', async () => {
    if (process.platform !== 'linux') return; // there the system can be told to refuse it
    const { code, stdout, stderr } = await run(`
      const { execFileSync } = require('node:child_process');
      execFileSync('prlimit', ['--pid', String(process.pid), '--nproc=1:1']);
      // The system does not count what belongs to root.
      if (process.getuid() === 0) process.setuid(65534);
      for (let i = 0; i < 2; i++) {
        assert.throws(() => start({ destination: '/dev/null' }), { code: 'ERR_CONTEXT_WATCHDOG_THREAD' });
      }
      console.log('goes on');
    `);
    assert.deepStrictEqual([code, stdout], [0, 'goes on\n'], stderr);
  });
});

describe('a machine that is busy', () => {
  it('makes the watchdog late, and takes nothing from how long a call of the system took', async () => {
    if (process.platform !== 'linux') return; // there one can be made of it
    const stdout = await outputOf(`
      const { execFileSync, spawn } = require('node:child_process');
      const os = require('node:os');
      const [cpu] = /\\d+(?=\\s*$)/.exec(execFileSync('taskset', ['-pc', process.pid], { encoding: 'utf8' }));
      const busy = Array.from({ length: 4 }, () => spawn('taskset', ['-c', cpu, 'sh', '-c', 'while :; do :; done']));
      // The watchdog's thread gets what this one has: one processor, and little of it.
      execFileSync('taskset', ['-pc', cpu, process.pid]);
      os.setPriority(os.constants.priority.PRIORITY_LOW);
      let longest = 0;
      start({ threshold: 1000, destination: '/dev/null', stack: false }).on('blocked', ({ duration }) => {
        longest = Math.max(longest, duration);
      });
      setTimeout(() => {
        execFileSync('sleep', ['1.5']);
        for (const each of busy) each.kill('SIGKILL');
        setTimeout(() => console.log(longest > 1490 ? 'all of it' : longest + ' ms'), 500);
      }, 10);
    `);
    assert.strictEqual(stdout, 'all of it\n');
  });
});
