'use strict';

const assert = require('node:assert');
const { execFile, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { gunzipSync } = require('node:zlib');

const { Profile: Pprof } = require('pprof-format');

const { root } = require('../../support/child');

const manifest = require('../../../package.json');

const command = path.join(root, manifest.bin['context-profile']);
const programs = path.join(__dirname, 'programs');

/** As in programs/tenants.js. */
const STRANGE = '\u009b31m\u001b[2J\n\u007f\u009d\u202e\u2066\ufffdé 😀';

let folder;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'context-'));
});

afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Runs the command to its end. */
function run(args, options = {}) {
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...args], { encoding: 'utf8', ...options }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, signal: error?.signal ?? null, stdout, stderr });
    });
  });
}

/** Begins to run it, until the program has said `ready`. */
async function begin(args) {
  const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const told = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => (told[name] += text));
  const closed = once(child, 'close').then(([code, signal]) => ({ code, signal, ...told }));
  while (!told.stdout.includes('ready')) {
    await Promise.race([once(child.stdout, 'data'), closed.then((result) => assert.fail(JSON.stringify(result)))]);
  }
  return { child, closed, told };
}

function filesIn(place) {
  const names = fs.readdirSync(place).sort();
  return (ending) => names.filter((name) => name.endsWith(ending)).map((name) => path.join(place, name));
}

/** The labels of a file's samples, by the name of a function in their stacks. */
function labelsIn(file, name) {
  const pprof = Pprof.decode(gunzipSync(fs.readFileSync(file)));
  const text = (index) => pprof.stringTable.strings[Number(index)];
  const functions = new Map(pprof.function.map(({ id, name: index }) => [id, text(index)]));
  const locations = new Map(pprof.location.map(({ id, line }) => [id, functions.get(line[0].functionId)]));
  const found = new Set();
  for (const { locationId, label } of pprof.sample) {
    if (!locationId.some((id) => locations.get(id) === name)) continue;
    found.add(label.map(({ key, str }) => `${text(key)}=${text(str)}`).join(' ')); // prettier-ignore
  }
  return [...found].sort();
}

describe('The command context-profile', () => {
  for (const [program, route] of [
    ['plain.mjs', '/dear/:id'],
    ['express.js', '/dear/:item'],
    ['fastify.js', '/dear/:item'],
  ]) {
    it(`profiles the requests of ${program}`, async () => {
      const { code, stdout, stderr } = await run(['--out', folder, path.join(programs, program), 'argument']);
      assert.strictEqual(stdout, 'ready\n', stderr);
      assert.strictEqual(code, program === 'plain.mjs' ? 7 : 0);
      const [pprof, ...others] = filesIn(folder)('.pb.gz');
      assert.deepStrictEqual(others, []);
      assert.deepStrictEqual(labelsIn(pprof, 'dear'), [`method=GET route=${route}`]);
      assert.deepStrictEqual(labelsIn(pprof, 'cheap'), ['method=GET route=/cheap']);
      const [cpuProfile] = filesIn(folder)('.cpuprofile');
      const { nodes } = JSON.parse(fs.readFileSync(cpuProfile, 'utf8'));
      assert.ok(nodes.some(({ callFrame }) => callFrame.functionName === `route: ${route}`));
      // Progress, the table, and how to open the files.
      assert.match(stderr, /profiling .*process \d+; kill -USR2 \d+/);
      assert.match(stderr, /\d+ samples in \d+\.\d s\n {2}route +share +time +samples\n/);
      assert.match(stderr, new RegExp(`^  ${route.replace('?', '.')} +\\d+\\.\\d % +\\d+ ms +\\d+$`, 'm'));
      assert.ok(
        stderr.includes('go tool pprof') && stderr.includes('speedscope') && stderr.includes(path.basename(pprof)),
        stderr,
      );
    });
  }

  it('writes at SIGUSR2, and goes on; and before SIGTERM or SIGINT ends the program', async () => {
    for (const signal of ['SIGTERM', 'SIGINT']) {
      const out = path.join(folder, signal);
      const { child, closed, told } = await begin(['--out', out, path.join(programs, 'plain.mjs'), 'stay']);
      child.kill('SIGUSR2');
      while (!told.stderr.includes('-1.cpuprofile: ')) await once(child.stderr, 'data');
      assert.strictEqual(filesIn(out)('.pb.gz').length, 1);
      child.kill(signal);
      const ended = await closed;
      assert.deepStrictEqual([ended.code, ended.signal], [null, signal]);
      const files = filesIn(out)('.pb.gz');
      assert.strictEqual(files.length, 2);
      assert.deepStrictEqual(labelsIn(files[0], 'dear'), ['method=GET route=/dear/:id']);
    }
  });

  it('lets a program end as it wants that listens for the signal itself', async () => {
    const { child, closed } = await begin(['--out', folder, path.join(programs, 'plain.mjs'), 'stay', 'graceful']);
    child.kill('SIGTERM');
    const { code, signal, stdout } = await closed;
    assert.deepStrictEqual([code, signal, stdout], [3, null, 'ready\ngraceful\n']);
    const [first, ...others] = filesIn(folder)('.pb.gz');
    assert.deepStrictEqual(labelsIn(first, 'dear'), ['method=GET route=/dear/:id']);
    // Nothing of the program's was sampled after the signal.
    assert.deepStrictEqual(others, []);
  });

  it('writes what a program has done after the signal', async () => {
    const { child, closed } = await begin(['--out', folder, path.join(programs, 'plain.mjs'), 'stay', 'graceful', 'works']);
    child.kill('SIGTERM');
    assert.strictEqual((await closed).code, 3);
    const [, second] = filesIn(folder)('.pb.gz');
    assert.deepStrictEqual(labelsIn(second, 'dear'), ['']);
  });

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
    it(`lets a program end by ${signal} that has signal-exit listen for it, and has it clean up`, async () => {
      const { child, closed } = await begin(['--out', folder, path.join(programs, 'plain.mjs'), 'stay', 'signal-exit']);
      child.kill(signal);
      const ended = await closed;
      assert.deepStrictEqual([ended.code, ended.signal, ended.stdout], [null, signal, `ready\ncleaned up ${signal}\n`]);
      const [file, ...others] = filesIn(folder)('.pb.gz');
      assert.deepStrictEqual(labelsIn(file, 'dear'), ['method=GET route=/dear/:id']);
      assert.deepStrictEqual(others, []);
    });
  }

  it('writes each time that a signal comes for which the program listens, and goes on', async () => {
    const { child, closed, told } = await begin(['--out', folder, path.join(programs, 'plain.mjs'), 'stay', 'reload']);
    // A file without samples is not written, as it may be on a busy machine.
    for (let count = 1; !told.stderr.includes('-2.cpuprofile: '); count++) {
      child.kill('SIGHUP');
      while (told.stdout.split('reloaded').length <= count) await once(child.stdout, 'data');
    }
    child.kill('SIGTERM');
    assert.strictEqual((await closed).signal, 'SIGTERM');
  });

  it('writes every so many seconds', async () => {
    const { child, closed, told } = await begin(['--every', '1', '--out', folder, path.join(programs, 'plain.mjs'), 'stay']);
    while (!told.stderr.includes('-2.cpuprofile: ')) await once(child.stderr, 'data');
    child.kill('SIGTERM');
    await closed;
    assert.ok(filesIn(folder)('.pb.gz').length >= 2);
  });

  it("has the program's own labels too, and its exit code if it throws", async () => {
    const program = path.join(programs, 'tenants.js');
    const { code, stderr } = await run(['--label', 'tenant', '--interval', '0.5', '--out', folder, program, 'throw']);
    assert.strictEqual(code, 1);
    assert.match(stderr, /Error: of the program/);
    const [pprof] = filesIn(folder)('.pb.gz');
    assert.deepStrictEqual(labelsIn(pprof, 'burn'), ['tenant=acme', `tenant=${STRANGE}`]);
    // A table for the route, and one for each label; what others have put into a value cannot reach the terminal.
    assert.match(stderr, /\n {2}route +share +time +samples\n {2}\(none\).*\n {2}\(none\): code outside requests/);
    assert.match(stderr, /\n {2}tenant +share +time +samples\n/);
    assert.match(stderr, /^ {2}acme +\d+\.\d % +\d+ ms +\d+$/m);
    const escaped = '\\\\u{9b}31m\\\\u{1b}[2J\\\\u{a}\\\\u{7f}\\\\u{9d}\\\\u{202e}\\\\u{2066}\\\\u{d800}é 😀';
    assert.ok(stderr.includes(`  ${escaped} `.replaceAll('\\\\', '\\')), stderr);
    assert.doesNotMatch(stderr, /[^\n\P{Cc}]|\p{Cf}/u);
  });

  it('runs a program as node does: its arguments, require.main, its name without an ending', async () => {
    const program = path.join(folder, 'program.js');
    fs.writeFileSync(program, 'console.log(require.main === module, process.argv.slice(1))');
    const { stdout } = await run(['--', './program', '--out', 'x'], { cwd: folder });
    assert.strictEqual(stdout, `true [ '${fs.realpathSync(program)}', '--out', 'x' ]\n`);
  });

  for (const [args, message] of [
    [[], /The program is missing/],
    [['none.js'], /There is no program .*none\.js/],
    [['--evry', '1', 'x.js'], /Unknown option '--evry'/],
    [['--interval', 'often', command], /--interval must be a number of milliseconds, but it is 'often'/],
    [['--interval', '0', command], /interval must be from 0\.1 to 1000 milliseconds/],
    [['--every', '0.1', command], /every must be from 1000 to 86400000 milliseconds, but it is 100/],
    [['--every', '', command], /--every must be a number of seconds/],
    [['--out', path.join(command, 'x'), command], /--out must be a folder that can be written to, but .*context-profile\.js/],
    [['--out', command, command], /--out must be a folder that can be written to/],
    ...(fs.existsSync('/proc/self') ? ['/proc/context/x', '/proc/self', '/proc/self/fd'] : []).map((out) => [
      ['--out', out, command],
      /--out must be a folder that can be written to, but \/proc/,
    ]),
  ]) {
    it(`refuses ${JSON.stringify(args.map((text) => path.basename(text)))}`, async () => {
      const { code, stdout, stderr } = await run(args);
      assert.strictEqual(code, 2, stderr);
      assert.strictEqual(stdout, '');
      assert.match(stderr, message);
      assert.match(stderr, /context-profile --help/);
    });
  }

  it('says what it can do', async () => {
    const { code, stdout } = await run(['--help']);
    assert.strictEqual(code, 0);
    for (const option of ['--every', '--interval', '--label', '--out', '(none)']) assert.ok(stdout.includes(option));
  });
});
