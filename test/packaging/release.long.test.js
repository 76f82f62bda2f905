'use strict';

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { root } = require('../support/child');
const { makeFolder } = require('../support/folders');

const workflow = fs.readFileSync(path.join(root, '.github', 'workflows', 'release.yml'), 'utf8');

/** The commands of a job of the workflow, in their order. */
function commandsOf(job) {
  const [, steps] = new RegExp(`^  ${job}:\n(.*?)(?=^  \\w+:$|(?![^]))`, 'ms').exec(workflow);
  return [...steps.matchAll(/^ +(?:- )?run: (?:\|\n((?: {10}.*\n)+)|(.*)\n?)/gm)].map(([, block, line]) =>
    block === undefined ? line : block.replaceAll(/^ {10}/gm, ''),
  );
}

/** What GitHub sets, and npm without a registry: what asks one fails at once. */
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_OPTIONS$/i.test(name))),
  GITHUB_SERVER_URL: 'https://git.example',
  GITHUB_REPOSITORY: 'Some-Owner/Context.js',
  PATH: [path.dirname(process.execPath), process.env.PATH].join(path.delimiter),
  npm_config_registry: 'http://127.0.0.1:9/',
  npm_config_fetch_retries: '0',
  npm_config_audit: 'false',
  npm_config_update_notifier: 'false',
};

function assertRuns(command, cwd) {
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', command], { cwd, encoding: 'utf8', env });
  assert.strictEqual(status, 0, `${command}\n${stdout}${stderr}`);
  return `${stdout}${stderr}`;
}

describe('the release workflow', function () {
  if (process.platform === 'win32') return; // it packs and publishes on Linux
  this.timeout(120_000);

  it('packs a package that names its repository, and is found as context, and one that npm would publish', () => {
    const folder = makeFolder();
    const checkout = path.join(folder, 'checkout');
    const leftOut = ['node_modules', 'build', '.git', '.cache', 'prebuilds'].map((name) => path.join(root, name));
    const isSource = (file) => !leftOut.includes(file) && !file.endsWith('.tgz');
    fs.cpSync(root, checkout, { recursive: true, filter: isSource });
    const libC = process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
    const binary = process.platform === 'linux' ? `context.${libC}.node` : 'context.node';
    const prebuilt = path.join(checkout, 'prebuilds', `${process.platform}-${process.arch}`, binary);
    fs.mkdirSync(path.dirname(prebuilt), { recursive: true });
    fs.copyFileSync(path.join(root, 'build', 'Release', 'context.node'), prebuilt);

    const packing = commandsOf('pack');
    const [list, ...others] = packing.slice(packing.findIndex((command) => command.includes('--list')));
    for (const command of [list, ...others]) assertRuns(command, checkout);
    const tarballs = fs.readdirSync(checkout).filter((name) => name.endsWith('.tgz'));
    assert.strictEqual(tarballs.length, 1);

    const trial = { command: commandsOf('try').at(-1), cwd: path.join(folder, 'try') };
    fs.mkdirSync(trial.cwd);
    fs.copyFileSync(path.join(checkout, tarballs[0]), path.join(trial.cwd, tarballs[0]));
    assertRuns(`RUNNER_TEMP='${folder}'\n${trial.command}`, trial.cwd);
    const installed = path.join(folder, 'app', 'node_modules', 'context', 'package.json');
    const { name, repository } = JSON.parse(fs.readFileSync(installed, 'utf8'));
    assert.deepStrictEqual(
      { name, repository },
      {
        name: '@some-owner/context.js',
        repository: { type: 'git', url: 'git+https://git.example/Some-Owner/Context.js.git' },
      },
    );

    const [publish] = commandsOf('publish');
    assert.match(publish, /^npm publish .*--provenance/);
    const output = assertRuns(`${publish} --dry-run`, trial.cwd);
    assert.match(output, /\+ @some-owner\/context\.js@\d/);
    assert.doesNotMatch(output, /auto-corrected|normalized|invalid/i);
  });
});
