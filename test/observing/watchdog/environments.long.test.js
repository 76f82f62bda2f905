'use strict';

const assert = require('node:assert');
const { execFile, execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

const { root } = require('../../support/child');
const { makeFolder } = require('../../support/folders');

const prefix = path.join(fs.realpathSync(process.execPath), '..', '..');
const HEADERS = [
  prefix,
  path.join(prefix, 'node_modules', `node-linux-${process.arch}`), // of the npm package `node`
  path.join(os.homedir(), '.cache', 'node-gyp', process.versions.node),
]
  .map((place) => path.join(place, 'include', 'node'))
  .find((place) => fs.existsSync(path.join(place, 'v8.h')));

describe('an environment that ends before its isolate, as in Electron', () => {
  it('may have asked V8 for a stack: when V8 comes back to that, nobody uses memory that was freed', async () => {
    if (process.platform !== 'linux' || HEADERS === undefined) return; // elsewhere it is not to be built by this
    const addon = path.join(makeFolder(), 'environments.node');
    const source = path.join(root, 'test', 'native', 'two_environments.cc');
    execFileSync(process.env.CXX || 'c++', ['-std=c++20', '-fPIC', '-shared', `-I${HEADERS}`, source, '-o', addon]);
    const script = `
      const { createRequire } = require('node:module');
      const { start } = createRequire(${JSON.stringify(path.join(root, 'index.js'))})('context/watchdog');
      const numbers = Float64Array.from({ length: 4e6 }, Math.random);
      start({ threshold: 10, every: 10, destination: require('node:os').devNull });
      // V8 looks at requests where JavaScript runs: none does until the environment has ended.
      numbers.sort();
    `;
    const program = `
      const { runInEnvironment } = require(${JSON.stringify(addon)});
      const ran = runInEnvironment(${JSON.stringify(script)});
      const count = (n) => (n > 0 ? count(n - 1) + 1 : 0);
      for (let i = 0; i < 1e5; i++) count(10);
      console.log(ran);
    `;
    // What is freed is overwritten.
    const env = { ...process.env, GLIBC_TUNABLES: 'glibc.malloc.tcache_count=0:glibc.malloc.perturb=165' };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['-e', program], { cwd: root, env });
    assert.deepStrictEqual({ stdout, stderr }, { stdout: 'true\n', stderr: '' });
  });
});
