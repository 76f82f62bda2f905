'use strict';

/**
 * Builds the binary for Windows, packs the package, and runs the tests of the packed one on Node.js for Windows in Wine, with each engine; installs
 * Wine if it can. `--node 20,22` for other releases than 24, `--tests test/api,test/memory` for some of the tests, `--long` for the long
 * ones too, `--default` for the default engine alone.
 */

require('./prepare');

const fs = require('node:fs');
const path = require('node:path');

const { flag, readOptions, text } = require('./support/options');
const { makeCheckout } = require('./support/packed');
const { nodeOption, releasesOf } = require('./support/releases');
const { fail, inTemporaryFolder, perform, root } = require('./support/run');
const { table } = require('./support/table');
const { fetchNodeExe, prepareWine, runInWine, stopWine, windowsPath } = require('./support/wine');

const PRELOAD = 'tools/support/in-wine.js';

/** The releases that cannot connect without it. */
const OLD = ['20', '22'];

/** How long a file may take, in seconds. */
const LONGEST = 300;

/** What cannot run in Wine 8, by parts of titles, and why. */
const LISTED = [
  {
    title: 'a process that may not load addons reads which flag that is',
    why: 'what is loaded before everything else must be read, which the program there may not',
    only: OLD,
  },
  { title: 'the types agree with the API', why: 'npm installs the binary of TypeScript for this system alone' },
];

/** Why a failure on a release was expected. */
const reasonOf = (title, major) =>
  LISTED.find((each) => title.includes(each.title) && (each.only === undefined || each.only.includes(major)))?.why;

/** The test files below some folders, or the files themselves. */
function filesOf(checkout, names, long) {
  const files = names.flatMap((name) => {
    if (name.endsWith('.js')) return [name];
    const below = fs.readdirSync(path.join(checkout, name), { recursive: true });
    return below.filter((file) => file.endsWith('.test.js')).map((file) => path.posix.join(name, file));
  });
  return files.filter((file) => long || !file.endsWith('.long.test.js')).sort();
}

/** Runs the tests of a file in a process of its own. */
async function runFile(file, { exe, env, checkout }) {
  const report = path.join(checkout, 'report.json');
  fs.rmSync(report, { force: true });
  const reporter = ['--reporter', 'json', '--reporter-option', `output=${windowsPath(report)}`, '--timeout', '120000'];
  const args = ['--expose-gc', 'node_modules/mocha/lib/cli/cli.js', '--require', `./${PRELOAD}`, ...reporter, file];
  const result = await runInWine(exe, args, { cwd: checkout, env, output: path.join(checkout, 'output'), seconds: LONGEST });
  if (!fs.existsSync(report)) {
    const ended = result.code === null ? `It took more than ${LONGEST} s.` : `It ended with code ${result.code}.`;
    return { passes: 0, failures: [{ title: file, about: `${ended}\n${result.stderr.slice(-3000)}` }] };
  }
  const { stats, failures } = JSON.parse(fs.readFileSync(report, 'utf8'));
  return {
    passes: stats.passes,
    failures: failures.map(({ fullTitle, err }) => ({ title: fullTitle, about: err.stack ?? err.message })),
  };
}

/** Runs the tests on one release, and returns the row of the table. */
async function test({ title, major, flags }, { checkout, files }) {
  const exe = await fetchNodeExe(major);
  // A backslash would escape what follows it there.
  const preload = `--require="${windowsPath(path.join(checkout, PRELOAD)).replaceAll('\\', '/')}"`;
  const env = { NODE_OPTIONS: [...flags, ...(OLD.includes(major) ? [preload] : [])].join(' ') };
  const start = performance.now();
  let [passing, failing, listed] = [0, 0, 0];
  for (const file of files) {
    let result = await runFile(file, { exe, env, checkout });
    const isUnexpected = ({ title: name }) => reasonOf(name, major) === undefined;
    if (result.failures.some(isUnexpected)) {
      // At times Wine fails to start a process. What fails twice counts.
      console.error(`${file} is run again: ${result.failures.map(({ about }) => about).join('\n')}`);
      result = await runFile(file, { exe, env, checkout });
    }
    const { passes, failures } = result;
    console.error(`${file}: ${passes} passing, ${failures.length} not`);
    passing += passes;
    for (const failure of failures) {
      const why = reasonOf(failure.title, major);
      if (why === undefined) failing++;
      else listed++;
      console.error(
        why === undefined
          ? `FAILED on ${title}, ${file}: ${failure.title}\n${failure.about}\n`
          : `listed: ${failure.title}: ${why}`,
      );
    }
  }
  if (failing > 0 || passing === 0) process.exitCode = 1;
  return [title, passing, failing, listed, `${Math.round((performance.now() - start) / 1000)} s`];
}

async function main() {
  const options = { node: nodeOption(['24']), tests: text('test'), long: flag(), default: flag() };
  const { node: majors, tests, long, default: isDefault } = readOptions(options);
  prepareWine();
  const builder = path.join(root, 'tools', 'build-all.js');
  if (!perform(process.execPath, [builder, '--if-needed', '--only', 'win32-x64'])) fail('There is no binary for Windows.');
  await inTemporaryFolder(async (folder) => {
    const checkout = await makeCheckout(folder);
    const files = filesOf(checkout, tests.split(','), long);
    const rows = [];
    try {
      for (const release of releasesOf(majors)) {
        if (isDefault && release.flags.length > 0) continue;
        rows.push(await test(release, { checkout, files }));
      }
    } finally {
      stopWine();
    }
    console.log(table(['Node.js for Windows', 'passing', 'failing', 'listed', 'duration'], rows));
  });
}

main();
