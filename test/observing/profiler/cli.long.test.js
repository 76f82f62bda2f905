'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { Files } = require('../../../lib/observing/profiler/cli/files');
const { Profile } = require('../../../lib/observing/profiler/profile');
const { makeFolder } = require('../../support/folders');
const { begin, filesIn, labelsIn, programs, run } = require('./command');

/** As in programs/tenants.js. */
const STRANGE = '\u009b31m\u001b[2J\n\u007f\u009d\u202e\u2066\ufffdé 😀';

const DEAR = ['method=GET route=/dear/:id'];

let folder;
let server;
beforeEach(() => (folder = makeFolder()));
afterEach(() => server?.kill('SIGKILL'));

/** Starts the plain server, which stays, until it is ready. */
async function beginServer(args, options = []) {
  const started = begin([...options, '--out', folder, path.join(programs, 'plain.mjs'), 'stay', ...args]);
  server = started.child;
  await started.saw('stdout', 'ready');
  return started;
}

describe('The command context-profile', () => {
  for (const framework of ['express', 'fastify']) {
    it(`labels requests with the routes of ${framework}`, async () => {
      const { code, stdout, stderr } = await run(['--out', folder, path.join(programs, 'frameworks.js'), framework]);
      assert.deepStrictEqual([stdout, code], ['ready\n', 0], stderr);
      const [pprof, ...others] = filesIn(folder, '.pb.gz');
      assert.deepStrictEqual(others, []);
      assert.deepStrictEqual(labelsIn(pprof, 'dear'), ['method=GET route=/dear/:item']);
      assert.deepStrictEqual(labelsIn(pprof, 'cheap'), ['method=GET route=/cheap']);
      assert.match(stderr, /^ {2}\/dear\/:item +\d+\.\d % +\d+ ms +\d+$/m);
    });
  }

  for (const signal of ['SIGTERM', 'SIGINT']) {
    it(`writes at SIGUSR2, and goes on; and before ${signal} ends the program`, async () => {
      const { child, closed, saw } = await beginServer([]);
      child.kill('SIGUSR2');
      await saw('stderr', '-1.cpuprofile: ');
      assert.strictEqual(filesIn(folder, '.pb.gz').length, 1);
      child.kill(signal);
      assert.strictEqual((await closed).signal, signal);
      const files = filesIn(folder, '.pb.gz');
      assert.strictEqual(files.length, 2);
      assert.deepStrictEqual(labelsIn(files[0], 'dear'), DEAR);
    });
  }

  // Programs that listen themselves: what they print, how they end, and the labels of their work in each file.
  const exit = (by) => ['lets signal-exit clean up', ['signal-exit'], by, [null, by], `cleaned up ${by}\n`, [DEAR]];
  for (const [title, args, signal, ended, printed, labels] of [
    ['lets a program end as it wants that listens', ['graceful'], 'SIGTERM', [3, null], 'graceful\n', [DEAR]],
    ['writes what it has done after', ['graceful', 'works'], 'SIGTERM', [3, null], 'graceful\n', [DEAR, ['']]],
    ...['SIGTERM', 'SIGINT', 'SIGHUP'].map(exit),
  ]) {
    it(`${title}: ${signal}`, async () => {
      const { child, closed } = await beginServer(args);
      child.kill(signal);
      const { stdout, ...end } = await closed;
      assert.deepStrictEqual([[end.code, end.signal], stdout], [ended, `ready\n${printed}`]);
      assert.deepStrictEqual(filesIn(folder, '.pb.gz').map((file) => labelsIn(file, 'dear')), labels); // prettier-ignore
    });
  }

  it('writes each time that a signal comes for which the program listens, and goes on', async () => {
    const { child, closed, saw } = await beginServer(['reload']);
    let written = false;
    const second = saw('stderr', '-2.cpuprofile: ').then(() => (written = true));
    // A file without samples is not written, as it may be on a busy machine.
    for (let count = 1; !written; count++) {
      child.kill('SIGHUP');
      await saw('stdout', 'reloaded', count);
    }
    await second;
    child.kill('SIGTERM');
    assert.strictEqual((await closed).signal, 'SIGTERM');
  });

  it('writes every so many seconds', async () => {
    const { child, closed, saw } = await beginServer([], ['--every', '1']);
    await saw('stderr', '-2.cpuprofile: ');
    child.kill('SIGTERM');
    await closed;
    assert.ok(filesIn(folder, '.pb.gz').length >= 2);
  });

  it("has the program's own labels too, and its exit code if it throws", async () => {
    const program = path.join(programs, 'tenants.js');
    const { code, stderr } = await run(['--label', 'tenant', '--interval', '0.5', '--out', folder, program, 'throw']);
    assert.strictEqual(code, 1);
    assert.match(stderr, /Error: of the program/);
    assert.deepStrictEqual(labelsIn(filesIn(folder, '.pb.gz')[0], 'burn'), ['tenant=acme', `tenant=${STRANGE}`]);
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

  it('writes a profile of many hours, whose JSON is longer than a string may be', async () => {
    const [functions, count, name] = [600, 100_000, 'x'.repeat(2 ** 20)];
    const frameOf = (functionName, lineNumber) => ({ functionName, scriptId: '0', url: '', lineNumber, columnNumber: -1 });
    const profile = new Profile({
      keys: ['route'],
      interval: 1,
      startedAt: Date.now(),
      start: 0,
      end: count * 1000,
      parents: [-1, ...Array.from({ length: functions }, () => 0)],
      frames: [frameOf('(root)', -1), ...Array.from({ length: functions }, (_, line) => frameOf(name, line))],
      count,
      nodes: Uint32Array.from({ length: count }, (_, index) => 1 + (index % functions)),
      times: Float64Array.from({ length: count }, (_, index) => index * 1000),
      labels: new Int32Array(count),
      labelSets: [[undefined]],
    });
    assert.throws(() => JSON.stringify(profile.toCpuProfile()), RangeError);
    new Files(folder, ['route']).write(profile);
    const [file, ...others] = filesIn(folder, '.cpuprofile');
    assert.deepStrictEqual(others, []);
    let size = 0;
    let last = '';
    for await (const text of fs.createReadStream(file, { encoding: 'utf8', highWaterMark: 2 ** 20 })) {
      size += text.length;
      last = `${last}${text}`.slice(-2 * name.length);
    }
    const { samples, timeDeltas } = JSON.parse(`{${last.slice(last.indexOf('"samples":['))}`);
    assert.ok(size > functions * name.length, `${size} characters`);
    assert.deepStrictEqual([samples.length, timeDeltas.length], [count, count]);
    assert.ok(timeDeltas.every((delta, index) => delta === (index === 0 ? 0 : 1000)));
  });
});
