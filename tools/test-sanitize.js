'use strict';

/**
 * Builds the addon for memory checkers, in temporary folders, and runs it under them: the tests that use most of it under
 * AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer; a program with all operations of the core also under valgrind's
 * memcheck. Uses the engine that this Node.js chooses, or CONTEXT_ENGINE. test/native/valgrind.supp suppresses reports about V8. A
 * leak at the end of a process counts if the addon allocated the memory, or a function of Node-API that it called, but not if it is
 * part of V8's heap: workers and process.exit() leave some of that.
 */

require('./prepare');

const fs = require('node:fs');
const path = require('node:path');

const { engine } = require('context');

const { capture, fail, inTemporaryFolder, perform, root } = require('./support/run');

const compiler = process.env.CXX || 'c++';

const COPIED = ['package.json', 'binding.gyp', 'tools', 'src', 'lib', 'test'];
const ENTRY_POINTS = /^[a-z]+\.(js|mjs)$/;
const SANITIZED = '-g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all';
const DEBUGGED = '-g -O1';

/** The tests that use most of the addon. The others add JavaScript, in hundreds of processes that the checkers slow down. */
const TESTS = [
  ...[
    'api/*',
    'native/hostile',
    'observing/usage/{by,hostile,of,start}',
    'memory/{kept,native}',
    'propagation/{hooks,workers}',
  ],
  ...['observing/watchdog/{children,ends,hostile,not-blocks,pipes,start}', 'robustness/tampering'],
].map((pattern) => `test/${pattern}{,.long}.test.js`);
const OPERATIONS = ['--expose-gc', 'test/native/core-operations.js'];

/** Measures the memory of the process, which includes that of the checker. LeakSanitizer finds the leaks. */
const LEFT_OUT = 'frees its native memory';

/** In milliseconds: the checkers slow tests down. */
const TEST_TIMEOUT = 120_000;
const ERROR_FOUND = 99;

/** The addon's first frame in a report, with or without its symbol. */
const OURS = /\bcontext::|context\.node/;

/** The beginning of a leak's report. */
const LEAK = /^(?=(?:Direct|Indirect) leak of )/m;

/** Copies the package to a folder, and builds its addon with other flags. */
function build(folder, flags, linkerFlags) {
  const entries = fs.readdirSync(root).filter((name) => ENTRY_POINTS.test(name));
  for (const name of [...COPIED, ...entries]) fs.cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'dir');
  const env = { ...process.env, CXXFLAGS: flags, LDFLAGS: linkerFlags };
  const { ok, output } = capture('npm', ['run', 'build'], { cwd: folder, env });
  if (!ok) fail(`The addon could not be built with CXXFLAGS='${flags}':\n${output}`);
}

/** Whether a leak is the addon's: if V8 is nearer to the allocation, it is part of V8's heap. */
function isOurs(leak) {
  const [nearer, ...rest] = leak.split(OURS);
  return rest.length > 0 && !nearer.includes('v8::internal::');
}

/** The reports of the sanitizers, without leaks of others. */
function findings(logs) {
  return fs.readdirSync(logs).flatMap((name) => {
    const [head, ...leaks] = fs.readFileSync(path.join(logs, name), 'utf8').split(LEAK);
    return leaks.length === 0 ? head : leaks.filter(isOurs);
  });
}

function runSanitizers(folder) {
  build(folder, SANITIZED, '-fsanitize=address,undefined');
  const logs = fs.mkdtempSync(path.join(folder, 'logs-'));
  const library = capture(compiler, ['-print-file-name=libasan.so']).stdout?.trim();
  if (!library || !path.isAbsolute(library))
    fail(`${compiler} has no libasan.so. On Debian and Ubuntu it comes with g++: CXX=g++`);
  const log = `log_path=${path.join(logs, 'log')}`;
  const env = {
    ...process.env,
    LD_PRELOAD: library,
    // Some tests measure the memory of a process, which includes the quarantine.
    ASAN_OPTIONS: `detect_leaks=1:quarantine_size_mb=8:${log}`,
    // A leak of Node.js must not fail the process: the logs decide.
    LSAN_OPTIONS: 'exitcode=0',
    UBSAN_OPTIONS: 'print_stacktrace=1',
  };
  const mocha = ['--expose-gc', require.resolve('mocha/bin/mocha.js'), '--no-config', '--timeout', TEST_TIMEOUT];
  const run = (args) => perform(process.execPath, args, { cwd: folder, env });
  const passed = run(OPERATIONS) && run([...mocha, '--reporter', 'dot', '--grep', LEFT_OUT, '--invert', ...TESTS]);
  const found = findings(logs);
  for (const text of found) console.error(text);
  return passed && found.length === 0;
}

function runValgrind(folder) {
  build(folder, DEBUGGED, '');
  const leaks = ['--leak-check=full', '--show-leak-kinds=definite', '--errors-for-leak-kinds=definite'];
  const shown = ['--quiet', '--num-callers=30', '--suppressions=test/native/valgrind.supp'];
  const args = [`--error-exitcode=${ERROR_FOUND}`, ...shown, ...leaks, process.execPath, ...OPERATIONS];
  return perform('valgrind', args, { cwd: folder }, 'On Debian and Ubuntu: apt-get install valgrind');
}

/** Runs one of the checks in a temporary folder. */
async function check(title, part) {
  console.log(`\n== ${title}, Node.js ${process.version}, engine ${engine}`);
  const clean = await inTemporaryFolder(part);
  if (!clean) process.exitCode = 1;
  console.log(clean ? 'No finding' : `FAILED: ${title}`);
}

if (process.platform !== 'linux') fail('This needs Linux: it preloads the library of the sanitizer, and runs valgrind.');
check('AddressSanitizer and UndefinedBehaviorSanitizer', runSanitizers).then(() => check("valgrind's memcheck", runValgrind));
