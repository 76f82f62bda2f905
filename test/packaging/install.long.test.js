'use strict';

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { root } = require('../support/child');
const { makeFolder } = require('../support/folders');

const manifest = require('../../package.json');

/** What belongs to a checkout, or to git, and was not made by hand. */
const LEFT_OUT = ['node_modules', 'build', 'headers', '.git', '.cache'];

const PUBLISHED = [
  /^(package\.json|LICENSE|(README|CHANGELOG|CONTRIBUTING|SECURITY)\.md)$/,
  /^index\.(js|d\.ts)$/,
  /^bin\/[a-z-]+\.js$/,
  /^lib\/([a-z-]+\/)*[a-z-]+\.m?js$/,
  /^lib\/(integrations|observing)\/[a-z-]+\/(index|register)\.d\.ts$/,
  /^src\/[a-z0-9_]+\.(cc|h|gypi)$/,
  /^tools\/build-prebuilt\.js$/,
  /^headers\/(napi\.h|napi-inl\.h|LICENSE\.md)$/,
  /^prebuilds\/(index\.js|LICENSES\.txt)$/,
  /^prebuilds\/[a-z0-9]+-[a-z0-9+]+\/context\.(glibc\.|musl\.)?node$/,
  /^docs\/[a-z-]+\.(md|svg|png)$/,
  /^examples\/(?!demo\/)([a-z-]+\/)*[a-z-]+\.(js|mjs|cjs|md)$/, // the demo needs what is not installed with the package
];

/** With the binaries of all platforms. */
const MOST_BYTES = 2_500_000;

/** What package managers look for when they decide whether a package has to be built, or a script of it allowed. */
const SCRIPTS_AT_INSTALLATION = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare'];

/** Uses the package, and prints how many values were right, and the path of the binary that it loaded. */
const PROGRAM = fs.readFileSync(path.join(__dirname, 'managers', 'program.js'), 'utf8');

const prebuilt = `prebuilds/${process.platform}-${process.arch}/`;

let folder;
let tarball;
let packed;

/** The script of npm, to be run by the Node.js that runs now. */
function npmScript() {
  const commands = process.env.PATH.split(path.delimiter).map((each) => path.join(each, 'npm'));
  const command = commands.find((each) => fs.existsSync(each));
  assert.ok(command, 'npm is not in PATH');
  return fs.realpathSync(command);
}

function npm(args, cwd, env = process.env) {
  // The scripts that npm runs take the Node.js of PATH, which need not know the options of this one.
  const options = { cwd, env: { ...env, NODE_OPTIONS: '' }, encoding: 'utf8' };
  return spawnSync(process.execPath, [npmScript(), ...args], options);
}

function assertRan({ status, stdout, stderr }) {
  assert.strictEqual(status, 0, `${stdout}${stderr}`);
  return stdout;
}

/** An environment with nothing but Node.js and a shell: no compiler, no python, no headers, no settings of npm. */
function bareEnvironment() {
  const bin = path.join(folder, 'bin');
  const home = path.join(folder, 'home');
  if (!fs.existsSync(bin)) {
    fs.mkdirSync(bin);
    fs.mkdirSync(home);
    fs.symlinkSync(process.execPath, path.join(bin, 'node'));
    fs.symlinkSync('/bin/sh', path.join(bin, 'sh'));
  }
  const { NODE_OPTIONS } = process.env;
  return { PATH: bin, HOME: home, ...(NODE_OPTIONS === undefined ? {} : { NODE_OPTIONS }) };
}

/** Installs the packed package into an empty project, with nothing from a registry. */
function install(name, args, env) {
  const project = path.join(folder, name);
  fs.mkdirSync(project);
  fs.writeFileSync(path.join(project, 'package.json'), '{ "private": true }');
  const offline = ['--offline', '--install-links', '--no-audit', '--no-fund'];
  return { project, result: npm(['install', ...offline, ...args, tarball], project, env) };
}

/** The relative links of a page, without those into itself, and without the places in other pages. */
function linksOf(page) {
  const text = fs.readFileSync(path.join(folder, 'checkout', page), 'utf8').replaceAll(/^```.*?^```/gms, '');
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link.replace(/#.*/, ''));
  return links.filter((link) => link !== '' && !/^[a-z]+:/.test(link));
}

function use(project, env) {
  return spawnSync(process.execPath, ['-e', PROGRAM], { cwd: project, env, encoding: 'utf8' });
}

function assertUses(project, env) {
  assert.match(assertRan(use(project, env)), /: (\d+) of \1 right, .*\/context\/prebuilds\//);
}

describe('the package as it is published', function () {
  if (process.platform === 'win32') return; // where a program finds compilers without PATH
  this.timeout(120_000);

  before(() => {
    folder = makeFolder();
    const checkout = path.join(folder, 'checkout');
    const isSource = (file) => !LEFT_OUT.includes(path.relative(root, file)) && !file.endsWith('.tgz');
    fs.cpSync(root, checkout, { recursive: true, preserveTimestamps: true, filter: isSource });
    fs.symlinkSync(path.join(root, 'node_modules'), path.join(checkout, 'node_modules'), 'dir');
    const packing = assertRan(npm(['pack', '--json', '--pack-destination', folder], checkout));
    // The compiler may have written before.
    [packed] = JSON.parse(packing.slice(packing.search(/^\[$/m)));
    tarball = path.join(folder, packed.filename);
  });

  it('holds what it needs and nothing else', () => {
    const files = packed.files.map((file) => file.path);
    assert.deepStrictEqual(
      files.filter((file) => !PUBLISHED.some((pattern) => pattern.test(file))),
      [],
    );
    const sources = ['lib', 'src'].flatMap((from) => {
      const entries = fs.readdirSync(path.join(root, from), { recursive: true, withFileTypes: true });
      const found = entries.filter((entry) => entry.isFile());
      return found.map(({ parentPath, path: parent, name }) => path.relative(root, path.join(parentPath ?? parent, name)));
    });
    const entryPoints = JSON.stringify(manifest.exports).match(/(?<="\.\/)[^"]+\.[a-z.]+(?=")/g);
    for (const file of ['README.md', 'LICENSE', 'tools/build-prebuilt.js', 'examples/blocked.js', ...entryPoints, ...sources]) {
      assert.ok(files.includes(file), `${file} is not in ${files}`);
    }
    assert.ok(
      files.some((file) => file.startsWith(prebuilt)),
      prebuilt,
    );
  });

  it('is packed with what is there: a missing binary is named, one that is older than the sources is refused', () => {
    const checkout = path.join(folder, 'checkout');
    const strange = path.join(checkout, 'prebuilds', 'darwin-x64');
    fs.rmSync(strange, { recursive: true, force: true });
    const pack = () => spawnSync(process.execPath, ['tools/build-prebuilt.js', '--pack'], { cwd: checkout, encoding: 'utf8' });
    const missing = pack();
    assert.strictEqual(missing.status, 0, missing.stderr);
    assert.match(missing.stderr, /^No binary for .*darwin-x64.*: `node tools\/build-all\.js`/);
    fs.mkdirSync(strange);
    fs.writeFileSync(path.join(strange, 'context.node'), '');
    fs.utimesSync(path.join(strange, 'context.node'), 1, 1);
    const { status, stderr } = pack();
    assert.strictEqual(status, 1);
    assert.match(stderr, /^Older than src\/: .*darwin-x64/);
  });

  it('is small, and depends on nothing', () => {
    assert.ok(packed.size < MOST_BYTES, `${packed.size} bytes`);
    assert.deepStrictEqual(Object.keys(manifest.dependencies ?? {}), []);
  });

  it('has nothing that a package manager would run at installation, or ask about', () => {
    assert.deepStrictEqual(
      SCRIPTS_AT_INSTALLATION.filter((name) => name in manifest.scripts),
      [],
    );
    assert.strictEqual(manifest.gypfile, false);
    // Yarn installs node-gyp for a package if one of its scripts, whichever, names it.
    const naming = Object.entries(manifest.scripts).filter(([, script]) => script.includes('node-gyp'));
    assert.deepStrictEqual(naming, []);
    assert.ok(!packed.files.some((file) => file.path.endsWith('.gyp')));
  });

  it('has what its pages link to', () => {
    const files = packed.files.map((file) => file.path);
    const pages = files.filter((file) => file.endsWith('.md'));
    assert.ok(pages.length > 5, pages.join());
    const links = pages.flatMap((page) => linksOf(page).map((link) => ({ page, link })));
    assert.ok(links.length > 10);
    const broken = links.filter(({ page, link }) => {
      const target = path.posix.join(path.posix.dirname(page), link);
      return !files.some((file) => file === target || file.startsWith(`${target}/`));
    });
    assert.deepStrictEqual(broken, []);
  });

  it('is not said to be on the registry, where its name belongs to another project', () => {
    const pages = packed.files.map((file) => file.path).filter((file) => /\.(md|js|d\.ts)$/.test(file));
    const wrong = /(npm (install|i|add)|pnpm add|yarn add|bun add)( -\S+)* context(?![@/\w-])|"context": "[~^\d]|npm rebuild/;
    const offers = pages.flatMap((page) => {
      const found = wrong.exec(fs.readFileSync(path.join(folder, 'checkout', page), 'utf8'));
      return found === null ? [] : [`${page}: ${found[0]}`];
    });
    assert.deepStrictEqual(offers, []);
  });

  for (const [what, ...args] of [['without a compiler, python and headers'], ['if no scripts may run', '--ignore-scripts']]) {
    it(`works ${what}`, () => {
      const env = bareEnvironment();
      const { project, result } = install(`bare${args}`, args, env);
      assertRan(result);
      assertUses(project, env);
    });
  }

  it('brings the command context-profile, which profiles without pprof-format, and says what that is for', () => {
    const { project, result } = install('command', [], process.env);
    assertRan(result);
    fs.writeFileSync(path.join(project, 'program.js'), "console.log('ran')");
    const command = path.join(project, 'node_modules', '.bin', 'context-profile');
    const args = [fs.realpathSync(command), '--out', 'profiles', 'program.js'];
    assert.ok(fs.statSync(command).mode & 0o100);
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
    assert.strictEqual(status, 0, stderr);
    assert.strictEqual(stdout, 'ran\n');
    assert.match(stderr, /npm install pprof-format/);
    assert.match(fs.readdirSync(path.join(project, 'profiles')).join(), /^context-.*\.cpuprofile$/);
  });

  it('says how to build it if it has no binary, which works where it is installed', () => {
    const { project, result } = install('built', [], process.env);
    assertRan(result);
    const installed = path.join(project, 'node_modules', 'context');
    fs.rmSync(path.join(installed, 'prebuilds'), { recursive: true });
    const { status, stderr } = use(project, process.env);
    assert.strictEqual(status, 1);
    const command = /`(node \S+build-prebuilt\.js)`/.exec(stderr)?.[1];
    assert.ok(command?.includes(installed) && stderr.includes('ERR_CONTEXT_BINDING'), stderr);
    const env = {
      ...process.env,
      NODE_OPTIONS: '',
      npm_config_node_gyp: path.join(root, 'node_modules/node-gyp/bin/node-gyp.js'),
    };
    const build = (environment) =>
      spawnSync(process.execPath, command.split(' ').slice(1), { env: environment, encoding: 'utf8' });
    assert.notStrictEqual(build({ ...bareEnvironment(), npm_config_node_gyp: env.npm_config_node_gyp }).status, 0);
    assertRan(build(env));
    assertUses(project, process.env);
  });
});
