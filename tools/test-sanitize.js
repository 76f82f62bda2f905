'use strict';

/**
 * Runs the addon under memory checkers, built for them in temporary folders: the tests that reach into it under AddressSanitizer, its leak
 * checker, and UndefinedBehaviorSanitizer; a program with all operations of the core under valgrind's memcheck too. It runs the engine that
 * this Node.js chooses, or the one that CONTEXT_ENGINE names. What valgrind reports about V8 is suppressed in test/native/valgrind.supp. A
 * leak at the end of a process counts if the addon allocated the memory, or a function of Node-API that it called; V8's heap does not: a
 * worker, and process.exit(), leave some of it.
 */

require('./prepare');

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { engine } = require('context');

const { fail, inTemporaryFolder, perform, root } = require('./support/run');

const compiler = process.env.CXX || 'c++';

const COPIED = ['package.json', 'binding.gyp', 'tools', 'src', 'lib', 'test'];
const ENTRY_POINTS = /^[a-z]+\.(js|mjs)$/;
const SANITIZED = '-g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all';
const DEBUGGED = '-g -O1';
/** Those that make most of the addon; the others add JavaScript to it, in hundreds of processes that the checkers slow down. */
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
/** Measures the memory of a process, of which the checker itself keeps some; what leaks is found by the leak checker. */
const LEFT_OUT = 'frees its native memory';
/** In milliseconds, for each test: both checkers slow a program down by a factor. */
const TEST_TIMEOUT = 120_000;
const ERROR_FOUND = 99;
/** The first frame of the addon in a report, with its symbol or without. */
const OURS = /\bcontext::|context\.node/;
/** How the report of a leak begins. */
const LEAK = /^(?=(?:Direct|Indirect) leak of )/m;

/** Runs a program that must not fail, and returns what it wrote. */
function output(command, args, options, hint = '') {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (status !== 0) fail(`${command} ${args.join(' ')} failed:\n${error?.message ?? `${stdout}${stderr}`}\n${hint}`);
  return stdout.trim();
}

/** Makes a copy of the package in a folder, with an addon that was built with flags of its own. */
function build(folder, flags, linkerFlags) {
  const entries = fs.readdirSync(root).filter((name) => ENTRY_POINTS.test(name));
  for (const name of [...COPIED, ...entries]) fs.cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'dir');
  const env = { ...process.env, CXXFLAGS: flags, LDFLAGS: linkerFlags };
  output('npm', ['run', 'build'], { cwd: folder, env }, `The addon could not be built with CXXFLAGS='${flags}'.`);
}

/** Whether a leak is the addon's: if V8 is nearer to the allocation, it is of V8's own heap. */
function isOurs(leak) {
  const [nearer, ...rest] = leak.split(OURS);
  return rest.length > 0 && !nearer.includes('v8::internal::');
}

/** What the sanitizers wrote: the reports of errors as they are, and of leaks those that are ours. */
function findings(logs) {
  return fs.readdirSync(logs).flatMap((name) => {
    const [head, ...leaks] = fs.readFileSync(path.join(logs, name), 'utf8').split(LEAK);
    return leaks.length === 0 ? head : leaks.filter(isOurs);
  });
}

function runSanitizers(folder) {
  build(folder, SANITIZED, '-fsanitize=address,undefined');
  const logs = fs.mkdtempSync(path.join(folder, 'logs-'));
  const library = output(compiler, ['-print-file-name=libasan.so'], {});
  if (!path.isAbsolute(library)) fail(`${compiler} has no libasan.so. On Debian and Ubuntu it comes with g++: CXX=g++`);
  const log = `log_path=${path.join(logs, 'log')}`;
  const env = {
    ...process.env,
    LD_PRELOAD: library,
    // There are tests of how much memory a process has: it must not be in quarantine.
    ASAN_OPTIONS: `detect_leaks=1:quarantine_size_mb=8:${log}`,
    // A leak of Node.js alone must not fail the process: what counts is in the logs.
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

/** Runs a part of the checks in a folder of its own. */
async function check(title, part) {
  console.log(`\n== ${title}, Node.js ${process.version}, engine ${engine}`);
  const clean = await inTemporaryFolder(part);
  if (!clean) process.exitCode = 1;
  console.log(clean ? 'No finding' : `FAILED: ${title}`);
}

if (process.platform !== 'linux') fail('This needs Linux: it preloads the library of the sanitizer, and runs valgrind.');
check('AddressSanitizer and UndefinedBehaviorSanitizer', runSanitizers).then(() => check("valgrind's memcheck", runValgrind));
