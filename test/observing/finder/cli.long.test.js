'use strict';

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');

const { root } = require('../../support/child');
const { copyPackage } = require('../../support/copy');
const { snippetsOf } = require('../../support/snippets');
const { PRELUDE, command, makeApplication, register, runIn } = require('./application');

const { findings } = require('../../../lib/observing/finder');

const LOSING = `${PRELUDE}each(() => lib.query('x', () => read()));`;
const ESM = `
import lib from 'lib';
import { createNamespace } from 'context';
import { findings } from 'context/finder';
const request = createNamespace('request');
for (const id of [1, 2]) request.createContext({ id }).run(() => lib.query('x', () => { request.get('id'); }));
setTimeout(() => console.log(findings().length), 20);
`;
const SERVER = `${LOSING}
setInterval(() => {}, 1000);
setTimeout(() => console.log('ready'), 50);
`;
const WORKER = `
const { Worker, isMainThread } = require('node:worker_threads');
if (isMainThread) new Worker(__filename);
${LOSING}
`;
const files = {
  'losing.js': LOSING,
  'right.js': `process.exitCode = Number(process.argv[2] ?? 0); console.log(process.argv.slice(1).length, process.execArgv.length);`,
  'esm.mjs': ESM,
  'server.js': SERVER,
  'worker.js': WORKER,
  'broken.js': `try { require('./syntax.js'); } catch {}`,
  'syntax.js': `const a = ;`,
  'twice.js': `require(${JSON.stringify(register)}); try { require(${JSON.stringify(path.join(path.dirname(register), 'finder.js'))}).start(); } catch (e) { console.log(e.code); }`,
};

describe('the command context-find', () => {
  let folder;
  before(() => (folder = makeApplication(files)));
  const find = (...args) => runIn(folder, [command, ...args]);

  it('prints what it found, and leaves the exit code and the output to the program', async () => {
    const [lost, right] = await Promise.all([find('losing.js'), find('right.js', '3')]);
    assert.deepStrictEqual([lost.code, lost.stdout], [0, '']);
    const line = PRELUDE.split('\n').length;
    assert.match(
      lost.stderr,
      new RegExp(`^callback of lib\\.query at losing\\.js:${line}:\\d+\n  passed in request#2, ran in request#1 \\(2 times`),
    );
    assert.match(lost.stderr, /\n {2}repair: bind\(callback\) at losing\.js:\d+\n\ncontext-find: 1 place loses its context\n$/);
    assert.deepStrictEqual([right.code, right.stdout], [3, '2 0\n']);
    assert.strictEqual(right.stderr, 'context-find: 0 places lose their context\n');
  });

  it('fails with --fail if something was found, and writes --json', async () => {
    const json = path.join(folder, 'found.json');
    const results = await Promise.all([
      find('--fail', '--json', json, 'losing.js'),
      find('--fail', 'right.js'),
      find('--fail', 'right.js', '5'),
    ]);
    assert.deepStrictEqual(results.map(({ code }) => code), [1, 0, 5]); // prettier-ignore
    const [found, ...others] = JSON.parse(fs.readFileSync(json, 'utf8'));
    assert.deepStrictEqual([found.api, found.foreign, found.none, found.reads, others.length], ['lib.query', 2, 0, 2, 0]);
  });

  it('finds in ECMAScript modules, in threads, and without the command', async () => {
    const words = { CONTEXT_FINDER: `fail,json=${path.join(folder, 'words.json')}` };
    const [esm, worker, plain] = await Promise.all([
      find('esm.mjs'),
      find('worker.js'),
      runIn(folder, ['--require', register, 'losing.js'], words),
    ]);
    assert.match(esm.stderr, /callback of lib\.query at esm\.mjs:6:/);
    assert.strictEqual(esm.stdout, '1\n');
    assert.match(worker.stderr, /\(4 times in another request/);
    assert.match(plain.stderr, /callback of lib\.query at losing\.js/);
    assert.strictEqual(plain.code, 1);
    assert.strictEqual(JSON.parse(fs.readFileSync(path.join(folder, 'words.json'), 'utf8')).length, 1);
  });

  it('prints what its page shows', async () => {
    const [{ program }] = snippetsOf('docs/finding-losses.md');
    const page = fs.readFileSync(path.join(root, 'docs', 'finding-losses.md'), 'utf8');
    const [, shown] = /^\$ npx context-find prices\.js\n([^]*?)^```/m.exec(page);
    fs.writeFileSync(path.join(folder, 'prices.js'), program);
    assert.strictEqual((await find('prices.js')).stderr, shown);
  });

  it('watches programs with another copy of the package', async () => {
    const other = makeApplication({ 'losing.js': LOSING, 'package.json': '{}' });
    const link = path.join(other, 'node_modules', 'context');
    fs.rmSync(link);
    fs.symlinkSync(copyPackage(), link, 'junction');
    assert.match((await runIn(other, [command, 'losing.js'])).stderr, /^callback of lib\.query at losing\.js/);
  });

  it('names files that it could not compile', async () => {
    const { code, stderr } = await find('broken.js');
    assert.strictEqual(code, 0);
    assert.match(stderr, /syntax\.js was not compiled, so its losses are not found: Unexpected token/);
  });

  const itOnPosix = process.platform === 'win32' ? () => {} : it;
  itOnPosix('prints at SIGUSR2, and when a signal ends the program', async () => {
    const child = spawn(process.execPath, [command, 'server.js'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stderr.setEncoding('utf8').on('data', (text) => (output += text));
    const closed = once(child, 'close');
    await once(child.stdout, 'data');
    child.kill('SIGUSR2');
    while (!output.includes('1 place loses')) await once(child.stderr, 'data');
    child.kill('SIGTERM');
    const [code] = await closed;
    assert.strictEqual(code, 128 + 15);
    assert.strictEqual(output.split('callback of lib.query').length, 3, output);
  });

  it('refuses wrong command lines and words', async () => {
    const wrong = [
      [[], /The program is missing/],
      [['none.js'], /There is no program .*none\.js/],
      [['--evry', 'x.js'], /Unknown option '--evry'/],
    ];
    for (const [args, message] of wrong) {
      const { code, stderr } = await find(...args);
      assert.strictEqual(code, 2);
      assert.match(stderr, message);
      assert.match(stderr, /context-find --help/);
    }
    const { stderr } = await runIn(folder, ['--require', register, 'right.js'], { CONTEXT_FINDER: 'asl' });
    assert.match(stderr, /CONTEXT_FINDER must be words such as als,.*but it has 'asl'/);
    assert.match(stderr, /ERR_INVALID_ARG_VALUE/);
    const { stdout } = await find('--help');
    for (const option of ['--als', '--json', '--fail', '--include', '--carriers', '--own', '--all'])
      assert.ok(stdout.includes(option));
  });

  it('asks for acorn if that is missing, and starts once', async () => {
    const without = `const { _resolveFilename } = require('module'); require('module')._resolveFilename = function (name, ...rest) {
      if (name === 'acorn') throw Object.assign(new Error('none'), { code: 'MODULE_NOT_FOUND' }); return Reflect.apply(_resolveFilename, this, [name, ...rest]); };`;
    fs.writeFileSync(path.join(folder, 'without.js'), without);
    const { code, stderr } = await runIn(folder, ['--require', './without.js', '--require', register, 'right.js']);
    assert.notStrictEqual(code, 0);
    assert.match(stderr, /needs the package acorn.*npm install --save-dev acorn/);
    assert.match(stderr, /code: 'ERR_CONTEXT_ACORN'/);
    assert.strictEqual((await find('twice.js')).stdout, 'ERR_CONTEXT_FINDER_RUNNING\n');
  });

  it('has nothing to say where it does not run', () => assert.deepStrictEqual(findings(), []));
});
