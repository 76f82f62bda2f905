'use strict';

/**
 * Performs operations on the tables of the native core, as libFuzzer chooses them, and compares the outcome with models of
 * the tables: `npm run fuzz:native -- --seconds 60`. It has AddressSanitizer and UndefinedBehaviorSanitizer watch. What it
 * learned is kept in `.cache/fuzz-native`, and the input of a failure too: `-- --replay <file>` performs that once more. The
 * exit code is 1 for a failure, and 2 if the options are wrong or the compiler cannot do it.
 */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { readOptions } = require('./support/options');

const root = path.join(__dirname, '..');
const folder = path.join(root, '.cache', 'fuzz-native');
const program = path.join(folder, 'fuzz_target');
const compiler = process.env.CLANGXX || 'clang++';

const USAGE = 'Usage: npm run fuzz:native -- [--seconds <number>] [--replay <file>]';
const SOURCES = ['test/native/fuzz_target.cc', 'src/namespace_table.cc', 'src/frame_table.cc', 'src/label_table.cc'];
const FLAGS = ['-std=c++17', '-g', '-O1', '-fsanitize=fuzzer,address,undefined', '-fno-sanitize-recover=all'];
const LONGEST_INPUT = 5000; // 1,000 operations

const MISSING = [
  `It takes clang++ with libFuzzer and the sanitizers; the environment variable CLANGXX names another one than clang++.`,
  `On Debian 12: apt-get install clang libclang-rt-14-dev. On other releases of it: the libclang-rt package of clang's version.`,
].join('\n');

/** Ends the process with a message. */
function fail(message) {
  console.error(message);
  process.exit(2);
}

function checked(values) {
  if (/^[1-9]\d{0,5}$/.test(values.seconds)) return values;
  throw new TypeError(`--seconds must be an integer from 1 to 999999, but it is '${values.seconds}'`);
}

function build() {
  fs.mkdirSync(path.join(folder, 'corpus'), { recursive: true });
  const { status, error, stderr } = spawnSync(compiler, [...FLAGS, ...SOURCES, '-o', program], { cwd: root, encoding: 'utf8' });
  if (status !== 0) fail(`${compiler} could not build the fuzz target:\n${error?.message ?? stderr}\n${MISSING}`);
}

const OPTIONS = { seconds: { type: 'string', default: '60' }, replay: { type: 'string' } };
const { seconds, replay } = readOptions(USAGE, OPTIONS, checked);
build();
const limits = [
  `-max_total_time=${seconds}`,
  `-max_len=${LONGEST_INPUT}`,
  '-print_final_stats=1',
  '-print_funcs=0',
  '-verbosity=0',
];
const args = replay
  ? [path.resolve(replay)]
  : [...limits, `-artifact_prefix=${folder}${path.sep}`, path.join(folder, 'corpus')];
const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
if (error) fail(`The fuzz target could not be run: ${error.message}`);
console.log(status === 0 ? 'No difference from the models, and nothing for the sanitizers to say' : 'FAILED: see above');
process.exitCode = status === 0 ? 0 : 1;
