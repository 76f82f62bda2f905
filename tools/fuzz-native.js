'use strict';

/**
 * Runs operations chosen by libFuzzer on the tables of the native core, under AddressSanitizer and UndefinedBehaviorSanitizer, and
 * compares the outcome with models of the tables. `.cache/fuzz-native` keeps the corpus and the inputs of failures; `--replay <file>`
 * repeats one.
 */

const fs = require('node:fs');
const path = require('node:path');

const { number, readOptions, text } = require('./support/options');
const { capture, fail, perform, root } = require('./support/run');

const folder = path.join(root, '.cache', 'fuzz-native');
const program = path.join(folder, 'fuzz_target');
const compiler = process.env.CLANGXX || 'clang++';

const SOURCES = ['test/native/fuzz_target.cc', 'src/namespace_table.cc', 'src/frame_table.cc', 'src/label_table.cc'];
const FLAGS = ['-std=c++17', '-g', '-O1', '-fsanitize=fuzzer,address,undefined', '-fno-sanitize-recover=all'];
const LONGEST_INPUT = 5000; // 1,000 operations

const MISSING = [
  `This needs clang++ with libFuzzer and the sanitizers; the environment variable CLANGXX names another one than clang++.`,
  `On Debian 12: apt-get install clang libclang-rt-14-dev. On other releases: the libclang-rt package of clang's version.`,
].join('\n');

const { seconds, replay } = readOptions({ seconds: number(60, { least: 1, most: 999_999 }), replay: text() });
fs.mkdirSync(path.join(folder, 'corpus'), { recursive: true });
const { ok, output } = capture(compiler, [...FLAGS, ...SOURCES, '-o', program]);
if (!ok) fail(`${compiler} could not build the fuzz target:\n${output}\n${MISSING}`);

const limits = [`-max_total_time=${seconds}`, `-max_len=${LONGEST_INPUT}`];
const shown = ['-print_final_stats=1', '-print_funcs=0', '-verbosity=0'];
const args = replay
  ? [path.resolve(replay)]
  : [...limits, ...shown, `-artifact_prefix=${folder}${path.sep}`, path.join(folder, 'corpus')];
const succeeded = perform(program, args);
console.log(succeeded ? 'No difference from the models, and no finding of the sanitizers' : 'FAILED: see above');
process.exitCode = succeeded ? 0 : 1;
