'use strict';

const assert = require('node:assert');
const { fork } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');

const { start } = require('context/watchdog');
const { runNode } = require('../../support/child');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'context-watchdog-'));
const destination = path.join(folder, 'lines');
after(() => fs.rmSync(folder, { recursive: true }));

const child = path.join(__dirname, 'child.js');

/** What a child says of itself. */
async function factsOf(args = []) {
  const forked = fork(child, args);
  const [facts] = await once(forked, 'message');
  const [code] = await once(forked, 'exit');
  assert.strictEqual(code, 0);
  return facts;
}

describe('a child of a process that is watched', () => {
  it('has nothing of it, and may be watched itself', async () => {
    const before = await factsOf();
    const watchdog = start({ threshold: 10_000, destination });
    const facts = await factsOf();
    watchdog.stop();
    assert.strictEqual(facts.starts, true);
    if (process.platform !== 'linux') return; // this is not to be seen elsewhere
    assert.ok(!facts.files.includes(fs.realpathSync(destination)), facts.files.join('\n'));
    assert.deepStrictEqual(facts.threads, []);
    assert.deepStrictEqual(facts.signals, before.signals);
  });

  it('may be blocked or killed, and nothing of that is told by its parent', async () => {
    fs.writeFileSync(destination, '');
    const watchdog = start({ threshold: 1000, destination });
    const forked = fork(child, ['block'], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    const { pid } = forked;
    let text = '';
    forked.stdout.setEncoding('utf8').on('data', (part) => (text += part));
    while (!text.includes('\n')) await once(forked.stdout, 'data');
    const line = JSON.parse(text.slice(0, text.indexOf('\n')));
    assert.deepStrictEqual([line.event, line.pid], ['context.blocked', pid]);
    forked.kill('SIGKILL');
    const [, signal] = await once(forked, 'exit');
    assert.strictEqual(signal, 'SIGKILL');
    assert.strictEqual(fs.readFileSync(destination, 'utf8'), '');
    // The parent goes on to be watched.
    await delay(5);
    for (const end = performance.now() + 1200; performance.now() < end;);
    const [blocked] = await once(watchdog, 'blocked');
    watchdog.stop();
    assert.strictEqual(blocked.pid, process.pid);
  });

  it('is made while the loop is blocked and lines are written, again and again', async () => {
    if (process.platform === 'win32') return; // there is no fork, and no `true`
    const { code, stdout, stderr } = await runNode(`
      const { spawnSync } = require('node:child_process');
      const { Worker } = require('node:worker_threads');
      const { start } = require('context/watchdog');
      const options = { threshold: 10, every: 10, destination: '/dev/null' };
      const busy = 'require("context/watchdog").start(' + JSON.stringify(options) + ');' +
        'setInterval(() => { const end = Date.now() + 15; while (Date.now() < end); }, 1);';
      const workers = [1, 2].map(() => new Worker(busy, { eval: true }));
      start(options).on('blocked', ({ reports }) => {
        if (reports > 1) process.exit(0);
      });
      setTimeout(() => {
        const codes = new Set();
        for (let i = 0; i < 200; i++) codes.add(spawnSync('true').status);
        console.log([...codes].join());
      }, 300);
    `);
    assert.deepStrictEqual([code, stdout], [0, '0\n'], stderr);
  });
});
