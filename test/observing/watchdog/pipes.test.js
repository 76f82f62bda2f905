'use strict';

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

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
      start({ threshold: 20, interval: 20, destination: full }).on('blocked', ({ stack }) => console.log(stack !== null));
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
      const watchdog = start({ threshold: 50, interval: 10_000, destination: ${JSON.stringify(file)}, stack: false });
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
        start({ threshold: 20, interval: 60_000, destination: full, stack: false });
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
