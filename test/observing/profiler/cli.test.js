'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { makeFolder } = require('../../support/folders');
const { outputOf } = require('../programs');
const { command, filesIn, labelsIn, programs, run } = require('./command');

const folder = makeFolder();

const UNWRITABLE = /--out must be a folder that can be written to/;
const inProc = fs.existsSync('/proc/self') ? ['/proc/context/x', '/proc/self', '/proc/self/fd'] : [];

/** Command lines that are refused, and what is said of them. */
const WRONG = [
  [[], /The program is missing/],
  [['none.js'], /There is no program .*none\.js/],
  [['--evry', '1', 'x.js'], /Unknown option '--evry'/],
  [['--interval', 'often', command], /--interval must be a number of milliseconds, but it is 'often'/],
  [['--interval', '0', command], /interval must be from 0\.1 to 1000 milliseconds/],
  ...['0', '0.1', '86401'].map((every) => [
    ['--every', every, command],
    new RegExp(`--every must be from 1 to 86400 seconds, but it is ${every}\\.`),
  ]),
  [['--every', '', command], /--every must be a number of seconds/],
  [['--out', path.join(command, 'x'), command], UNWRITABLE],
  ...[command, ...inProc].map((out) => [['--out', out, command], UNWRITABLE]),
];

describe('The command context-profile', () => {
  it('profiles the requests of a program, writes files, and prints a table', async () => {
    const { code, stdout, stderr } = await run(['--out', folder, path.join(programs, 'plain.mjs')]);
    assert.deepStrictEqual([stdout, code], ['ready\n', 7], stderr);
    const [pprof, ...others] = filesIn(folder, '.pb.gz');
    assert.deepStrictEqual(others, []);
    assert.deepStrictEqual(labelsIn(pprof, 'dear'), ['method=GET route=/dear/:id']);
    assert.deepStrictEqual(labelsIn(pprof, 'cheap'), ['method=GET route=/cheap']);
    const { nodes } = JSON.parse(fs.readFileSync(filesIn(folder, '.cpuprofile')[0], 'utf8'));
    assert.ok(nodes.some(({ callFrame }) => callFrame.functionName === 'route: /dear/:id'));
    // Progress, the table, and how to open the files.
    assert.match(stderr, /profiling .*process \d+; kill -USR2 \d+/);
    assert.match(stderr, /\d+ samples in \d+\.\d s\n {2}route +share +time +samples\n/);
    assert.match(stderr, /^ {2}\/dear\/:id +\d+\.\d % +\d+ ms +\d+$/m);
    for (const text of ['go tool pprof', 'speedscope', path.basename(pprof)]) assert.ok(stderr.includes(text), stderr);
  });

  it('refuses wrong command lines', async () => {
    const stdout = await outputOf(`
      const { begin } = require('./lib/observing/profiler/cli/begin');
      const exported = { ...require('context'), ...require('context/profiler'), ...require('context/http') };
      let said;
      process.stderr.write = (text) => { said += text; };
      const results = ${JSON.stringify(WRONG.map(([args]) => args))}.map((args) => {
        process.argv = ['node', 'context-profile', ...args];
        process.exitCode = 0;
        said = '';
        return [begin(exported), process.exitCode, said];
      });
      process.exitCode = 0;
      console.log(JSON.stringify(results));
    `);
    for (const [index, [begun, code, said]] of JSON.parse(stdout).entries()) {
      assert.deepStrictEqual([begun, code], [false, 2], said);
      assert.match(said, WRONG[index][1]);
      assert.match(said, /context-profile --help/);
    }
    const { code, stdout: printed, stderr } = await run([]);
    assert.deepStrictEqual([code, printed], [2, '']);
    assert.match(stderr, WRONG[0][1]);
  });

  it('shows its options', async () => {
    const { code, stdout } = await run(['--help']);
    assert.strictEqual(code, 0);
    for (const option of ['--every', '--interval', '--label', '--out', '(none)']) assert.ok(stdout.includes(option));
  });
});
