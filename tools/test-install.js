'use strict';

/**
 * Installs the packed package into an empty project with each package manager, as in docs/install.md, and runs a program there. The
 * PATH has no compiler, python or make, and no package manager may complain about scripts. With some of them it then removes the
 * binary and builds it from source in the project. `--only yarn` runs those whose names contain that.
 */

require('./prepare');

const fs = require('node:fs');
const path = require('node:path');

const { fetchListed, fetchNode, packPackage } = require('./support/fetch');
const { readOptions, text } = require('./support/options');
const { capture, inTemporaryFolder, root, verdictOn } = require('./support/run');
const { table } = require('./support/table');

const fixtures = path.join(root, 'test', 'packaging', 'managers');

/** A release that runs all of the package managers. */
const MAJOR = 24;

const RIGHT = /^async-context-frame: 800 of 800 right, (.*\/context\/prebuilds\/\S+)\n$/;

/** Complaints about a script that did not run, or needs to be allowed; and any warning. */
const COMPLAINT = /warn|script|approve|blocked|trusted|node-gyp|not built/i;

/** Unrelated messages: about the user's settings of npm, and a file that yarn writes. */
const IRRELEVANT = /^(npm warn Unknown (env|user|project) config|success Saved )/;

/** The package managers, with the command that installs the tarball of a project; and the one that runs a program, if not node. */
function managersOf(modules, node) {
  const script = (...parts) => [node, path.join(modules, ...parts)];
  const native = (folder, name) => [path.join(modules, folder, name)];
  const platform = `${process.platform}-${process.arch}`;
  const npm = script('npm', 'bin', 'npm-cli.js');
  const ours = [node, path.join(fs.realpathSync(path.join(path.dirname(process.execPath), 'npm')))];
  const yarn = script('@yarnpkg', 'cli-dist', 'bin', 'yarn.js');
  const berry = (linker) => ({ YARN_NODE_LINKER: linker, YARN_ENABLE_GLOBAL_CACHE: '0', YARN_ENABLE_IMMUTABLE_INSTALLS: '0' });
  const pnpm = native(`@pnpm/exe.${platform}`, 'pnpm');
  const bun = native(`@oven/bun-${platform}`, path.join('bin', 'bun'));
  const tarball = './context.tgz';
  const file = ['add', 'context@file:./context.tgz'];
  const pnp = { start: [...yarn, 'node'], builds: [...yarn, 'node'] };
  return [
    { name: 'npm of this Node.js', command: ours, args: ['install', tarball] },
    { name: 'npm 12', command: npm, args: ['install', tarball], builds: [node] },
    { name: 'npm 12, --ignore-scripts', command: npm, args: ['install', '--ignore-scripts', tarball] },
    { name: 'pnpm', command: pnpm, args: ['add', '--store-dir=.caches/pnpm', tarball], builds: [node] },
    { name: 'yarn 1', command: script('yarn', 'bin', 'yarn.js'), args: ['add', tarball] },
    { name: 'yarn 4, node_modules', command: yarn, args: file, env: berry('node-modules') },
    { name: "yarn 4, Plug'n'Play", command: yarn, args: file, env: berry('pnp'), ...pnp },
    { name: 'bun', command: bun, args: ['add', tarball] },
  ];
}

const run = ([command, ...args], cwd, env) => capture(command, args, { cwd, env });

/** The environment of a project, with empty caches. */
function environmentOf(project, bin, env) {
  const cache = path.join(project, '.caches');
  // Package managers would use variables that npm has set for its scripts as settings.
  const inherited = Object.entries(process.env).filter(([name]) => !/^npm_|^INIT_CWD$|^NODE_OPTIONS$/i.test(name));
  const names = ['npm_config_cache', 'XDG_CACHE_HOME', 'YARN_CACHE_FOLDER', 'BUN_INSTALL_CACHE_DIR'];
  const caches = Object.fromEntries(names.map((name) => [name, path.join(cache, name)]));
  return { ...Object.fromEntries(inherited), PATH: bin, ...caches, ...env };
}

/** The problem with a run of the program; '' for none, like all problems here. */
const problemOf = ({ ok, stdout, output }) => (ok && RIGHT.test(stdout) ? '' : `The program failed:\n${output}`);

/** Installs with a package manager and runs the program. Returns the problem. */
function tryManager({ command, args, env = {}, start }, project, { bin, node, tarball }) {
  fs.mkdirSync(project);
  const manifest = { name: 'project', version: '1.0.0', private: true, license: 'MIT' };
  fs.writeFileSync(path.join(project, 'package.json'), JSON.stringify(manifest));
  fs.copyFileSync(path.join(fixtures, 'program.js'), path.join(project, 'program.js'));
  fs.copyFileSync(tarball, path.join(project, 'context.tgz'));
  const environment = environmentOf(project, bin, env);
  const installed = run([...command, ...args], project, environment);
  if (!installed.ok) return `${args.join(' ')} failed:\n${installed.output}`;
  const complaints = installed.output.split('\n').filter((line) => COMPLAINT.test(line) && !IRRELEVANT.test(line));
  if (complaints.length > 0) return `${args.join(' ')} complains:\n${installed.output}`;
  return problemOf(run([...(start ?? [node]), 'program.js'], project, environment));
}

/** Removes the installed binary, and follows the advice of the error. Returns the problem. */
function tryBuild({ env = {}, builds, start }, project, { bin, node }) {
  const environment = environmentOf(project, bin, env);
  const program = [...(start ?? [node]), 'program.js'];
  const binary = RIGHT.exec(run(program, project, environment).stdout)[1];
  const installed = path.dirname(path.dirname(path.dirname(binary)));
  fs.rmSync(path.join(installed, 'prebuilds'), { recursive: true });
  const { output } = run(program, project, environment);
  const advised = /`node (\S+build-prebuilt\.js)`/.exec(output)?.[1];
  if (advised === undefined || !output.includes('ERR_CONTEXT_BINDING')) return `It does not say how to build it:\n${output}`;
  // The Node.js from the registry has neither headers nor node-gyp.
  const tools = {
    PATH: `${bin}${path.delimiter}${process.env.PATH}`,
    npm_config_node_gyp: require.resolve('node-gyp/bin/node-gyp.js'),
    npm_config_nodedir: path.dirname(path.dirname(process.execPath)),
  };
  const built = run([...builds, advised], project, { ...environment, ...tools });
  return built.ok ? problemOf(run(program, project, environment)) : `The build failed:\n${built.output}`;
}

async function main() {
  const { only } = readOptions({ only: text() });
  const node = await fetchNode(MAJOR);
  const modules = path.join(await fetchListed('managers', fixtures), 'node_modules');
  const managers = managersOf(modules, node).filter(({ name }) => only === undefined || name.includes(only));
  await inTemporaryFolder(async (folder) => {
    const bin = path.join(folder, 'bin');
    fs.mkdirSync(bin);
    fs.symlinkSync(node, path.join(bin, 'node'));
    fs.symlinkSync('/bin/sh', path.join(bin, 'sh'));
    const places = { bin, node, tarball: await packPackage(folder) };
    const rows = managers.map((manager, index) => {
      const project = path.join(folder, String(index));
      const cells = [verdictOn(manager.name, tryManager(manager, project, places))];
      if (cells[0] === 'ok' && manager.builds) cells.push(verdictOn(manager.name, tryBuild(manager, project, places)));
      return [manager.name, ...cells];
    });
    console.log(table(['', 'installed without a warning, runs', 'built from source there'], rows));
  });
}

main();
