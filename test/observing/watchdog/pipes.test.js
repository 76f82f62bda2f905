'use strict';

const assert = require('node:assert');
const { execFile, execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

const { root } = require('../../support/child');
const { HEAD, outputOf, run } = require('./programs');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'context-watchdog-'));
after(() => fs.rmSync(folder, { recursive: true }));

let fifos = 0;

/** A pipe with a name. */
function makeFifo() {
  const name = path.join(folder, `fifo-${fifos++}`);
  execFileSync('mkfifo', [name]);
  return name;
}

/** Program text: a pipe that nobody reads, and that takes no more, as \`full\`. */
const openFull = () => `
  const full = fs.openSync(${JSON.stringify(makeFifo())}, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
  for (const length of [4096, 1]) {
    try {
      for (;;) fs.writeSync(full, 'x'.repeat(length));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
`;

describe('a pipe that nobody reads, as the destination', () => {
  if (process.platform === 'win32') return; // has no mkfifo

  it('does not make the thread wait that is blocked', async () => {
    const stdout = await outputOf(`
      ${openFull()}
      process.removeAllListeners('warning').on('warning', ({ code }) => console.log(code));
      start({ threshold: 20, every: 20, destination: full }).on('blocked', ({ stack }) => console.log(stack !== null));
      const file = '/proc/thread-self/status';
      const waits = () => (fs.existsSync(file) ? Number(/^voluntary_ctxt_switches:\\s*(\\d+)/m.exec(fs.readFileSync(file, 'utf8'))[1]) : 0);
      setTimeout(() => {
        const before = waits();
        block(2000);
        const more = waits() - before;
        console.log(more < 25 ? 'it went on' : 'it waited ' + more + ' times');
        setTimeout(() => {}, 100);
      }, 10);
    `);
    assert.deepStrictEqual(stdout.split('\n').sort(), ['', 'CONTEXT_WATCHDOG_DESTINATION', 'it went on', 'true']);
  });

  it('does not keep another thread from being watched', async () => {
    const file = path.join(folder, 'lines-of-the-worker');
    const worker = `
      ${HEAD}
      const { parentPort } = require('node:worker_threads');
      const watchdog = start({ threshold: 50, every: 10_000, destination: ${JSON.stringify(file)}, stack: false });
      parentPort.postMessage('ready');
      parentPort.on('message', () => {
        block(600);
        parentPort.postMessage(fs.readFileSync(${JSON.stringify(file)}, 'utf8').split('\\n').length - 1);
        parentPort.close();
      });
    `;
    const stdout = await outputOf(`
      ${openFull()}
      process.removeAllListeners('warning');
      const worker = new Worker(${JSON.stringify(worker)}, { eval: true });
      worker.once('message', () => {
        worker.once('message', (lines) => console.log(lines));
        start({ threshold: 20, every: 60_000, destination: full, stack: false });
        // By the time of its line, which nobody takes, the worker is blocked as well.
        setTimeout(() => { worker.postMessage('block'); block(500); }, 10);
      });
    `);
    assert.strictEqual(stdout, '1\n');
  });

  it('may be opened by its name: that is refused at once', async () => {
    const { code, signal, stdout, stderr } = await run(`
      start({ threshold: 20, destination: ${JSON.stringify(makeFifo())} }).on('blocked', () => console.log('told'));
      setTimeout(() => { block(300); setTimeout(() => {}, 200); }, 10);
    `);
    assert.deepStrictEqual([code, signal, /^(told\n)+$/.test(stdout)], [0, null, true], stderr);
    assert.strictEqual(stderr.match(/CONTEXT_WATCHDOG_DESTINATION/g)?.length, 1, stderr);
  });

  it('may be one whose reader has gone', async () => {
    const { code, signal, stdout, stderr } = await run(`
      const name = ${JSON.stringify(makeFifo())};
      const reader = fs.openSync(name, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
      start({ threshold: 20, destination: name }).on('blocked', () => console.log('told'));
      fs.closeSync(reader);
      setTimeout(() => { block(300); setTimeout(() => {}, 200); }, 10);
    `);
    assert.deepStrictEqual([code, signal, /^(told\n)+$/.test(stdout)], [0, null, true], stderr);
    assert.strictEqual(stderr.match(/CONTEXT_WATCHDOG_DESTINATION/g)?.length, 1, stderr);
  });
});

/** Runs a program whose standard error takes no more: a terminal, or a pipe, that nobody reads. */
async function runBeside(kind, program) {
  const helper = `
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
  const args = ['-c', helper, kind, process.execPath, '-e', `${HEAD}${program}`];
  const { stdout } = await promisify(execFile)('python3', args, { cwd: root, timeout: 30_000, killSignal: 'SIGKILL' });
  return stdout;
}

for (const kind of ['terminal', 'pipe']) {
  describe(`standard error, a ${kind} that nobody reads`, () => {
    if (process.platform === 'win32') return; // has none of them

    it('keeps no other thread from being watched, and neither stop nor process.exit', async () => {
      const file = path.join(folder, `beside-${kind}`);
      const worker = `
        ${HEAD}
        const { parentPort } = require('node:worker_threads');
        const stuck = start({ threshold: 10, every: 10 });
        parentPort.on('message', (name) => {
          const began = performance.now();
          stuck.stop();
          start({ threshold: 50, every: 60_000, destination: name, stack: false });
          parentPort.postMessage(performance.now() - began);
          setImmediate(() => {
            block(500);
            parentPort.postMessage(fs.readFileSync(name, 'utf8').split('\\n').length - 1);
          });
        });
        setImmediate(() => { block(1500); parentPort.postMessage('blocked'); });
      `;
      const stdout = await runBeside(
        kind,
        `
        process.removeAllListeners('warning');
        const namespace = createNamespace('long').expose('a', 'b', 'c', 'd');
        const watchdog = start({ threshold: 10, every: 10 });
        const worker = new Worker(${JSON.stringify(worker)}, { eval: true });
        worker.once('message', () => {
          namespace.run(() => {
            for (const key of 'abcd') namespace.set(key, '\\u0001'.repeat(200));
            // Until the destination has taken all that it takes, and much more is lost.
            for (let i = 0; i < 8; i++) { const end = performance.now() + 200; while (performance.now() < end); }
          });
          worker.postMessage(${JSON.stringify(file)});
          worker.once('message', (took) => {
            console.log(took < 1500 ? 'the worker stopped' : took);
            worker.once('message', (lines) => {
              console.log(lines);
              const began = performance.now();
              watchdog.stop();
              start({ threshold: 10, every: 10 });
              const took = performance.now() - began;
              console.log(took < 700 ? 'stopped' : took);
              setImmediate(() => {
                block(300);
                const exits = Date.now();
                process.on('exit', () => console.log('exits'));
                process.exit();
              });
            });
          });
        });
      `,
      );
      assert.strictEqual(stdout, 'the worker stopped\n1\nstopped\nexits\n');
    });
  });
}

describe('a file, as the destination', () => {
  it('is the one that the descriptor was of at the start, whatever is opened by that number later', async () => {
    const [given, other] = ['given', 'other'].map((name) => path.join(folder, name));
    const stdout = await outputOf(`
      const fd = fs.openSync(${JSON.stringify(given)}, 'a');
      const watchdog = start({ threshold: 20, destination: fd, stack: false });
      fs.closeSync(fd);
      assert.strictEqual(fs.openSync(${JSON.stringify(other)}, 'a'), fd);
      setTimeout(() => { block(300); watchdog.stop(); console.log(fs.fstatSync(fd).size); }, 10);
    `);
    assert.deepStrictEqual([stdout, fs.readFileSync(other, 'utf8')], ['0\n', '']);
    assert.match(fs.readFileSync(given, 'utf8'), /^\{"event":"context.blocked"/);
  });

  it('may be closed by others, who open another one by its number: nothing is written there, and all is switched off', async () => {
    if (!fs.existsSync('/proc/self/fd')) return; // there it is to be seen what is open
    const [file, other] = ['closed', 'opened'].map((name) => path.join(folder, name));
    const stdout = await outputOf(`
      process.removeAllListeners('warning').on('warning', ({ code }) => console.log(code));
      const fds = (name) => fs.readdirSync('/proc/self/fd').filter((fd) => {
        try { return fs.readlinkSync('/proc/self/fd/' + fd) === name; } catch { return false; }
      });
      const watchdog = start({ threshold: 20, destination: ${JSON.stringify(file)} });
      const [fd, ...none] = fds(${JSON.stringify(file)}).map(Number);
      assert.deepStrictEqual(none, []);
      fs.closeSync(fd);
      while (fs.openSync(${JSON.stringify(other)}, 'a') < fd);
      watchdog.once('blocked', () => {
        watchdog.stop();
        console.log(fs.fstatSync(fd).size);
        start().stop();
      });
      setTimeout(() => { block(300); setTimeout(() => {}, 200); }, 10);
    `);
    assert.deepStrictEqual(
      [stdout.split('\n').sort(), fs.readFileSync(other, 'utf8')],
      [['', '0', 'CONTEXT_WATCHDOG_DESTINATION'], ''],
    );
  });

  it('has whole lines, though several processes append to it, and they are long', async () => {
    const file = path.join(folder, 'of-many');
    const program = `
      const keys = Array.from({ length: 32 }, (_, n) => 'key-' + n);
      const namespace = createNamespace('long').expose(...keys);
      start({ threshold: 10, every: 10, destination: ${JSON.stringify(file)}, stack: false });
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
    const lines = fs.readFileSync(file, 'utf8').split('\n');
    assert.strictEqual(lines.pop(), '');
    for (const line of lines) assert.strictEqual(JSON.parse(line).event, 'context.blocked');
    assert.ok(lines.filter((line) => line.length > 4096).length > 4, `${lines.length} lines`);
  });
});
