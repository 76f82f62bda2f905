'use strict';

const assert = require('node:assert');
const { fork } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');

const { start } = require('context/watchdog');
const { makeFolder } = require('../../support/folders');
const { itRuns } = require('./programs');

const destination = path.join(makeFolder(), 'lines');
const child = path.join(__dirname, 'child.js');

/** What a child has inherited. */
async function inherited() {
  const forked = fork(child);
  const [message] = await once(forked, 'message');
  assert.deepStrictEqual((await once(forked, 'exit'))[0], 0);
  return message;
}

describe('a child of a process that is watched', () => {
  it('inherits nothing of that, and may be watched itself', async () => {
    const before = await inherited();
    const watchdog = start({ threshold: 10_000, destination });
    const { starts, files, threads, signals } = await inherited();
    watchdog.stop();
    assert.strictEqual(starts, true);
    if (process.platform !== 'linux') return; // this is not visible elsewhere
    assert.ok(!files.includes(fs.realpathSync(destination)), files.join('\n'));
    assert.deepStrictEqual([threads, signals], [[], before.signals]);
  });

  it('may be blocked or killed without a line from its parent, which is still watched', async () => {
    fs.writeFileSync(destination, '');
    const watchdog = start({ threshold: 1000, destination });
    const forked = fork(child, ['block'], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    let text = '';
    forked.stdout.setEncoding('utf8').on('data', (part) => (text += part));
    while (!text.includes('\n')) await once(forked.stdout, 'data');
    const line = JSON.parse(text.slice(0, text.indexOf('\n')));
    assert.deepStrictEqual([line.event, line.pid], ['context.blocked', forked.pid]);
    forked.kill('SIGKILL');
    assert.strictEqual((await once(forked, 'exit'))[1], 'SIGKILL');
    assert.strictEqual(fs.readFileSync(destination, 'utf8'), '');
    await delay(5);
    for (const end = performance.now() + 1200; performance.now() < end;);
    const [blocked] = await once(watchdog, 'blocked');
    watchdog.stop();
    assert.strictEqual(blocked.pid, process.pid);
  });

  if (process.platform === 'win32') return; // there is no fork, and no `true`

  itRuns({
    'may be started while the loop is blocked and lines are written, 200 times': `
      const { spawnSync } = require('node:child_process');
      const { once } = require('node:events');
      const options = { threshold: 10, every: 10, destination: require('node:os').devNull };
      const busy = 'require("context/watchdog").start(' + JSON.stringify(options) + ').once("blocked", () => {' +
        'require("worker_threads").parentPort.postMessage("blocked"); });' +
        'setInterval(() => { const end = Date.now() + 15; while (Date.now() < end); }, 1);';
      const workers = [1, 2].map(() => new Worker(busy, { eval: true }));
      const codes = new Set();
      start(options).on('blocked', ({ reports }) => {
        if (codes.size === 0 || reports < 2) return;
        assert.deepStrictEqual([...codes], [0]);
        console.log('done');
        process.exit();
      });
      Promise.all(workers.map((worker) => once(worker, 'message'))).then(() => {
        for (let i = 0; i < 200; i++) codes.add(spawnSync('true').status);
        setTimeout(() => {}, 10_000);
      });
    `,
  });
});
