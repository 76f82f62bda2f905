'use strict';

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { makeFolder } = require('../../support/folders');
const { HEAD, itRuns, outputOf } = require('./programs');

const folder = makeFolder();
let files = 0;

/** The path of a file, as text for programs. */
const newFile = () => JSON.stringify(path.join(folder, `file-${files++}`));

describe('a pipe that nobody reads, as the destination', () => {
  if (process.platform === 'win32') return; // has no mkfifo

  const fifo = newFile();
  execFileSync('mkfifo', [JSON.parse(fifo)]);
  itRuns({
    'does not make the thread wait that is blocked': `
      const full = fs.openSync(${fifo}, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
      for (const length of [4096, 1]) {
        try {
          for (;;) fs.writeSync(full, 'x'.repeat(length));
        } catch ({ code }) {
          assert.strictEqual(code, 'EAGAIN');
        }
      }
      const seen = [];
      process.removeAllListeners('warning').on('warning', ({ code }) => seen.push(code));
      start({ threshold: 20, every: 20, destination: full }).on('blocked', ({ stack }) => seen.push(stack !== null));
      const file = '/proc/thread-self/status';
      const waits = () => (fs.existsSync(file) ? Number(/^voluntary_ctxt_switches:\\s*(\\d+)/m.exec(fs.readFileSync(file, 'utf8'))[1]) : 0);
      setTimeout(() => {
        const before = waits();
        block(2000);
        const more = waits() - before;
        assert.ok(more < 25, 'it waited ' + more + ' times');
        setTimeout(() => {
          assert.deepStrictEqual(seen.sort(), ['CONTEXT_WATCHDOG_DESTINATION', true]);
          console.log('done');
        }, 100);
      }, 10);
    `,
  });
});

describe('standard error that nobody reads', () => {
  const windows = process.platform === 'win32';

  /** Runs a program whose standard error is a pipe that is nearly full: Windows has no other way to fill it. */
  const NEARLY = `
    const [program, ...args] = process.argv.slice(2);
    const child = require('node:child_process').spawn(program, args, { stdio: ['ignore', 'inherit', 'pipe'] });
    child.on('exit', (code) => process.exit(code ?? 1));
  `;

  /** Runs a program whose standard error is full: a terminal, or a pipe. */
  const BESIDE = `
import os, pty, subprocess, sys
reader, writer = pty.openpty() if sys.argv[1] == 'terminal' else os.pipe()
if sys.argv[1] == 'pipe':
    os.set_blocking(writer, False)
    for size in (4096, 1):
        try:
            while True: os.write(writer, b'x' * size)
        except BlockingIOError: pass
    os.set_blocking(writer, True)
sys.exit(subprocess.run(sys.argv[2:], stderr=writer).returncode)
`;

  for (const kind of windows ? ['pipe'] : ['terminal', 'pipe']) {
    const file = newFile();
    const worker = `
      ${HEAD}
      const { parentPort } = require('node:worker_threads');
      const stuck = start({ threshold: 10, every: 10 });
      parentPort.on('message', () => {
        const began = performance.now();
        stuck.stop();
        start({ threshold: 50, every: 60_000, destination: ${file}, stack: false });
        const took = performance.now() - began;
        setImmediate(() => {
          block(500);
          parentPort.postMessage({ took, lines: fs.readFileSync(${file}, 'utf8').split('\\n').length - 1 });
        });
      });
      setImmediate(() => { block(1500); parentPort.postMessage('blocked'); });
    `;
    itRuns(
      {
        [`keeps no other thread from being watched, and neither stop nor process.exit: a ${kind}`]: `
          ${windows ? "fs.writeSync(2, 'x'.repeat(100_000));" : ''}
          process.removeAllListeners('warning');
          const namespace = createNamespace('long').expose('a', 'b', 'c', 'd');
          const watchdog = start({ threshold: 10, every: 10 });
          const worker = new Worker(${JSON.stringify(worker)}, { eval: true });
          worker.once('message', () => {
            namespace.run(() => {
              for (const key of 'abcd') namespace.set(key, '\\u0001'.repeat(200));
              // Until the destination is full, and much more is lost.
              for (let i = 0; i < 8; i++) block(200);
            });
            worker.postMessage('stop');
            worker.once('message', ({ took, lines }) => {
              assert.ok(took < 1500 && lines === 1, took + ' ms, ' + lines + ' lines');
              const began = performance.now();
              watchdog.stop();
              start({ threshold: 10, every: 10 });
              assert.ok(performance.now() - began < 700);
              setImmediate(() => {
                block(300);
                process.on('exit', () => console.log('done'));
                process.exit();
              });
            });
          });
        `,
      },
      { command: windows ? [process.execPath, '-e', NEARLY, 'x'] : ['python3', '-c', BESIDE, kind] },
    );
  }
});

describe('a file, as the destination', () => {
  const [given, own, other, rotated, renamed] = Array.from({ length: 5 }, newFile);
  const programs = {
    'is the one that the descriptor was of at the start, whatever is opened by that number later': `
      const fd = fs.openSync(${given}, 'a');
      const watchdog = start({ threshold: 20, destination: fd, stack: false });
      fs.closeSync(fd);
      assert.strictEqual(fs.openSync(${other}, 'a'), fd);
      setTimeout(() => {
        block(300);
        watchdog.stop();
        assert.strictEqual(fs.fstatSync(fd).size, 0);
        assert.match(fs.readFileSync(${given}, 'utf8'), /^\\{"event":"context.blocked"/);
        console.log('done');
      }, 10);
    `,
    'may be closed by the program, which opens another one by its number: nothing is written there': `
      const codes = [];
      process.removeAllListeners('warning').on('warning', ({ code }) => codes.push(code));
      const watchdog = start({ threshold: 20, destination: ${own} });
      const isOwn = (fd) => { try { return fs.readlinkSync('/proc/self/fd/' + fd) === ${own}; } catch { return false; } };
      const [fd, ...none] = fs.readdirSync('/proc/self/fd').filter(isOwn).map(Number);
      assert.deepStrictEqual(none, []);
      fs.closeSync(fd);
      while (fs.openSync(${other}, 'a') < fd);
      watchdog.once('blocked', () => {
        watchdog.stop();
        assert.strictEqual(fs.fstatSync(fd).size, 0);
        start().stop();
      });
      setTimeout(() => { block(300); setTimeout(() => {}, 200); }, 10);
      process.on('exit', () => {
        assert.deepStrictEqual([codes, fs.readFileSync(${other}, 'utf8')], [['CONTEXT_WATCHDOG_DESTINATION'], '']);
        console.log('done');
      });
    `,
    'goes on under its new name if log rotation renames it, and at its beginning if it is truncated': `
      const watchdog = start({ threshold: 20, every: 60000, destination: ${rotated}, stack: false });
      const lines = () => fs.readFileSync(${renamed}, 'utf8').split('\\n').filter(Boolean).map(JSON.parse).length;
      const alive = setInterval(() => {}, 1000);
      const blockOnce = () => new Promise((resolve) => { watchdog.once('blocked', resolve); setTimeout(block, 10, 300); });
      (async () => {
        await blockOnce();
        fs.renameSync(${rotated}, ${renamed});
        await blockOnce();
        assert.deepStrictEqual([lines(), fs.existsSync(${rotated})], [2, false]);
        fs.truncateSync(${renamed});
        await blockOnce();
        assert.strictEqual(lines(), 1);
        clearInterval(alive);
        watchdog.stop();
        console.log('done');
      })();
    `,
  };
  if (fs.existsSync('/proc/self/fd')) itRuns(programs);

  it('has whole lines, though several processes append to it, and the lines are long', async () => {
    const shared = newFile();
    const program = `
      const keys = Array.from({ length: 32 }, (_, n) => 'key-' + n);
      const namespace = createNamespace('long').expose(...keys);
      start({ threshold: 10, every: 10, destination: ${shared}, stack: false });
      setTimeout(() => {
        for (let i = 0; i < 8; i++) {
          setImmediate(() => namespace.run(() => {
            for (const key of keys) namespace.set(key, '\\u0001'.repeat(128));
            block(60);
          }));
        }
      }, 10);
    `;
    await Promise.all(Array.from({ length: 4 }, () => outputOf(program)));
    const lines = fs.readFileSync(JSON.parse(shared), 'utf8').split('\n');
    assert.strictEqual(lines.pop(), '');
    for (const line of lines) assert.strictEqual(JSON.parse(line).event, 'context.blocked');
    assert.ok(lines.filter((line) => line.length > 4096).length > 4, `${lines.length} lines`);
  });
});
