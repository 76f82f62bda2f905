'use strict';

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const path = require('node:path');

const { root } = require('../support/child');
const { makeFolder } = require('../support/folders');

const FLAGS = ['-std=c++17', '-g', '-O1', '-Wall', '-Wextra', '-Werror', '-pthread', '-fno-sanitize-recover=all'];
const ADDRESS = '-fsanitize=address,undefined';
const THREAD = '-fsanitize=thread';

const TABLES = ['namespace_table', 'frame_table', 'label_table'];
/** With this a test can delay threads that the core starts. */
const WRAPPED = process.platform === 'linux' ? ['-Wl,--wrap=pthread_create'] : [];
const LINES = ['destination', 'json_line', 'line_writer', 'thread'];
const WATCHDOG = [...TABLES, ...LINES, 'thread_probe', 'watched_loop', 'watched_loop_report', 'watchdog'];

/** Builds a test with the sources that it needs, and runs it. */
function runTest(name, sources, flags) {
  const program = path.join(makeFolder(), name);
  const files = [path.join(__dirname, `${name}.cc`), ...sources.map((source) => path.join(root, 'src', `${source}.cc`))];
  const compiled = spawnSync(process.env.CXX || 'c++', [...FLAGS, ...flags, ...files, '-o', program], { encoding: 'utf8' });
  assert.strictEqual(compiled.status, 0, compiled.stderr);
  const { status, stderr } = spawnSync(program, { encoding: 'utf8' });
  assert.strictEqual(status, 0, stderr);
}

describe('the plain C++ of the core', () => {
  if (process.platform === 'win32') return; // no such sanitizers

  it('passes its unit tests under AddressSanitizer and UndefinedBehaviorSanitizer', () => {
    runTest('tables_test', TABLES, [ADDRESS]);
  }).timeout(120_000);

  for (const [name, sanitizer] of Object.entries({
    'AddressSanitizer and UndefinedBehaviorSanitizer': ADDRESS,
    ThreadSanitizer: THREAD,
  })) {
    it(`passes those of the watchdog under ${name}`, () => {
      runTest('watchdog_test', WATCHDOG, [sanitizer, ...WRAPPED]);
    }).timeout(120_000);

    it(`passes those of the lines that it writes under ${name}`, () => {
      runTest('line_writer_test', LINES, [sanitizer]);
    }).timeout(120_000);
  }
});
