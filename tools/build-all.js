'use strict';

/**
 * Builds the binaries for all platforms into `prebuilds/`, on Linux x64, or where a Zig of the right version is installed: the environment variable
 * ZIG names it. `--only linux-x64-glibc,win32-x64` builds some of them; `--if-needed` leaves out those that are newer than src/;
 * `--twice` builds each again, in another folder and with nothing kept, and compares the bytes.
 */

require('./install');

const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { compile } = require('./cross/compile');
const { TARGETS } = require('./cross/targets');
const { findZig, licenses, version } = require('./cross/zig');
const { flag, list, readOptions } = require('./support/options');
const { fail, inTemporaryFolder, root } = require('./support/run');
const { table } = require('./support/table');

const prebuilds = path.join(root, 'prebuilds');

const sum = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Whether a binary is newer than all sources. */
function isFresh({ file }) {
  const built = fs.statSync(path.join(prebuilds, file), { throwIfNoEntry: false });
  const sources = fs.readdirSync(path.join(root, 'src')).map((name) => fs.statSync(path.join(root, 'src', name)));
  return built !== undefined && sources.every(({ mtimeMs }) => mtimeMs <= built.mtimeMs);
}

/** Builds again, where nothing of the first build is. */
function buildAgain(target, zig) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'context-again-'));
  try {
    return compile(target, { zig, folder, cache: path.join(folder, 'kept') }).binary;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** What a binary needs of its system, in a word. */
function needs({ system, libc }, found) {
  if (libc === 'musl') return 'musl';
  if (libc === 'glibc')
    return found.versions
      .sort(new Intl.Collator('en', { numeric: true }).compare)
      .at(-1)
      .replace('_', ' ')
      .toLowerCase();
  return system === 'darwin' ? `macOS ${found.system}` : 'Windows 10';
}

/** Puts a binary into its place, where a process may have the old one loaded. */
function install({ file }, binary) {
  const place = path.join(prebuilds, file);
  fs.mkdirSync(path.dirname(place), { recursive: true });
  fs.writeFileSync(`${place}.new`, binary, { mode: 0o755 });
  fs.renameSync(`${place}.new`, place);
}

/** The licences of the libraries that are linked into the binaries. */
function writeLicenses(zig) {
  const parts = licenses(zig).map(({ of, text }) => `${of}\n${'-'.repeat(of.length)}\n\n${text.trim()}\n`);
  const about = 'The binaries beside this file contain parts of these libraries, as far as their platform needs them.\n';
  fs.writeFileSync(path.join(prebuilds, 'LICENSES.txt'), [about, ...parts].join('\n\n'));
}

async function main() {
  const options = { only: list(TARGETS.map(({ name }) => name)), 'if-needed': flag(), twice: flag() };
  const { only, 'if-needed': ifNeeded, twice } = readOptions(options);
  const targets = TARGETS.filter((target) => only.includes(target.name) && !(ifNeeded && isFresh(target)));
  if (targets.length === 0) return;
  const zig = findZig();
  const cache = path.join(root, '.cache', `zig-${version}-libraries`);
  await inTemporaryFolder(async (folder) => {
    const rows = [];
    for (const target of targets) {
      console.error(`Building ${target.name} …`);
      const { binary, found } = compile(target, { zig, folder, cache });
      const isSame = twice && buildAgain(target, zig).equals(binary);
      if (twice && !isSame) fail(`Two builds of ${target.name} differ.`);
      install(target, binary);
      rows.push([target.file, `${Math.round(binary.length / 1024)} KiB`, needs(target, found), sum(binary).slice(0, 16)]);
    }
    console.log(table(['binary', 'size', 'needs', `SHA-256${twice ? ', twice' : ''}`], rows));
  });
  writeLicenses(zig);
  spawnSync(process.execPath, [path.join(__dirname, 'build-prebuilt.js'), '--list'], { stdio: 'inherit' });
}

main().catch((error) => fail(error.message));
