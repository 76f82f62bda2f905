'use strict';

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');

const { root, runNode } = require('../support/child');

const demo = path.join(root, 'examples', 'demo', 'main.js');

describe('the demo', () => {
  it('serves its load without one wrong value, and shows log lines and the timing', async () => {
    const { code, stdout, stderr } = await runNode([demo, '--requests', '200', '--concurrency', '20']);
    assert.strictEqual(code, 0, stderr + stdout);
    assert.match(stdout, /\n {2}\[request-(\d+)\] order \1: /);
    assert.match(stdout, /200 requests, 20 at a time, .* s, median \d+ ms/);
    assert.match(stdout, /\n2603 values checked, 0 wrong\n/);
  });

  it('ends with exit code 1 if values come back wrong', async () => {
    // An engine that carries nothing across a callback.
    const broken = `
      const engine = require('./lib/engine');
      let snapshot;
      Object.assign(engine, { current: () => snapshot, set: (next) => { snapshot = next; } });
      process.argv.push('--requests', '200', '--concurrency', '20');
      require(${JSON.stringify(demo)});
    `;
    const { code } = await runNode(['-e', broken]);
    assert.strictEqual(code, 1);
  });

  it('stays up with --serve, and logs what it is sent', async () => {
    const child = spawn(process.execPath, [demo, '--serve'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      child.stdout.setEncoding('utf8');
      const [printed] = await once(child.stdout, 'data');
      const [, body, url] = /curl -d '(.*)' (\S+)/.exec(printed);
      const logged = once(child.stdout, 'data');
      const response = await fetch(url, { method: 'POST', body, headers: { 'x-request-id': 'mine' } });
      assert.deepStrictEqual(await response.json(), { number: 1, total: 5 });
      assert.match((await logged)[0], /\[mine\] order 1: received/);
    } finally {
      child.kill();
      await once(child, 'exit');
    }
  });
});
