'use strict';

/**
 * Follows the recipes of docs/bundlers.md, with a program that uses most of the package. Each bundle is made in a project with the
 * packed package, and runs in a folder that contains nothing else, or only the package if the recipe leaves that beside the bundle.
 */

require('./prepare');

const fs = require('node:fs');
const path = require('node:path');

const { fetchListed, packPackage, unpack } = require('./support/fetch');
const { list, readOptions } = require('./support/options');
const { capture, inTemporaryFolder, root, verdictOn } = require('./support/run');
const { table } = require('./support/table');

const fixtures = path.join(root, 'test', 'packaging', 'bundlers');
const page = path.join(root, 'docs', 'bundlers.md');

/** The files of the program that is bundled. */
const PROGRAM = ['app.mjs', 'legacy.cjs'];

const RIGHT = /^(async-hooks|async-context-frame): 300 of 300 right\n$/;

/** Commands without a loader for binaries, which must fail. ncc has one. */
const REFUSALS = {
  esbuild: 'esbuild app.mjs --bundle --platform=node --outdir=dist',
  webpack: 'webpack ./app.mjs --target node --mode production',
  rollup: 'rollup app.mjs --file dist/app.cjs --format cjs --plugin node-resolve --plugin json --plugin commonjs',
};

/** The recipes, one per section of the third level: the files to write, the commands, and the command that runs the result. */
function readRecipes() {
  const sections = fs.readFileSync(page, 'utf8').split(/^## /m);
  const recipeOf = (bundler, part) => {
    const [title] = part.split('\n');
    const files = [...part.matchAll(/^`([^`\n]+)`:\n\n```js\n(.*?)^```/gms)].map(([, name, content]) => ({ name, content }));
    const lines = /^```sh\n(.*?)\n```/ms.exec(part)[1].split('\n');
    return { bundler, title, files, command: lines.slice(0, -1).join('\n'), start: lines.at(-1) };
  };
  return sections.flatMap((section) => {
    const [bundler] = section.split('\n');
    const [, ...parts] = section.split(/^### /m);
    return parts.map((part) => recipeOf(bundler, part));
  });
}

function sh(command, cwd, env = {}) {
  const bins = path.join(cwd, 'node_modules', '.bin');
  const PATH = [path.dirname(process.execPath), bins, process.env.PATH].join(path.delimiter);
  return capture(command, [], { cwd, shell: true, env: { ...process.env, PATH, ...env } });
}

/** Creates a project with the program, the bundlers and the package. */
function makeProject(folder, { packages, installed }) {
  fs.mkdirSync(folder);
  for (const name of PROGRAM) fs.copyFileSync(path.join(fixtures, name), path.join(folder, name));
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const modules = path.join(folder, 'node_modules');
  fs.mkdirSync(modules);
  for (const name of fs.readdirSync(packages)) fs.symlinkSync(path.join(packages, name), path.join(modules, name), 'dir');
  fs.cpSync(installed, path.join(modules, 'context'), { recursive: true });
}

/** Runs a bundle without its binaries: the error must explain that. Returns the problem; '' for none, like all problems here. */
function loseBinaries(start, target) {
  for (const name of fs.readdirSync(target, { recursive: true })) {
    if (name.endsWith('.node')) fs.rmSync(path.join(target, name));
  }
  const { ok, output } = sh(start, target);
  const isExplained = !ok && ['ERR_CONTEXT_BINDING', 'docs/bundlers.md'].every((part) => output.includes(part));
  return isExplained ? '' : `${start} does not explain that the binaries are missing:\n${output}`;
}

/** Makes a bundle and runs it. Returns the problem. */
function follow({ title, files, command, start }, folder, places) {
  fs.mkdirSync(folder);
  const project = path.join(folder, 'project');
  makeProject(project, places);
  for (const { name, content } of files) fs.writeFileSync(path.join(project, name), content);
  const built = sh(command, project);
  if (!built.ok) return `${command} failed:\n${built.output}`;
  if (/warning/i.test(built.output)) return `${command} warns:\n${built.output}`;
  const target = path.join(folder, 'target');
  fs.mkdirSync(target);
  fs.renameSync(path.join(project, 'dist'), path.join(target, 'dist'));
  const isBeside = title.startsWith('Beside');
  if (isBeside) fs.cpSync(places.installed, path.join(target, 'node_modules', 'context'), { recursive: true });
  fs.rmSync(project, { recursive: true });
  // Alone, then beside another copy of the package, which has everything that its integrations need.
  for (const env of [{}, { COPY: path.join(root, 'package.json') }]) {
    const ran = sh(start, target, env);
    if (!ran.ok || !RIGHT.test(ran.stdout)) return `${start} failed:\n${ran.output}`;
  }
  return isBeside ? '' : loseBinaries(start, target);
}

/** Checks that a bundler fails without a loader for binaries. Returns the problem. */
function refuse(command, folder, places) {
  makeProject(folder, places);
  const { ok, output } = sh(command, folder);
  if (ok) return `${command} did not fail:\n${output}`;
  return output.includes('.node') ? '' : `${command} failed for another reason:\n${output}`;
}

/** Compares the size that the page states with the bundles of the program and of the smallest one. Returns the problem. */
function weigh(folder, places) {
  const [, stated] = /With `--minify` this package makes a bundle about (\d+) kB larger/.exec(fs.readFileSync(page, 'utf8'));
  makeProject(folder, places);
  fs.writeFileSync(path.join(folder, 'least.mjs'), "import { createNamespace } from 'context';\ncreateNamespace('one');\n");
  const command = 'esbuild app.mjs least.mjs --bundle --minify --platform=node --loader:.node=copy --outdir=dist';
  const { ok, output } = sh(command, folder);
  if (!ok) return output;
  const sizes = ['app.js', 'least.js'].map((name) => fs.statSync(path.join(folder, 'dist', name)).size / 1000);
  const isRight = sizes.every((size) => Math.abs(size - stated) <= stated / 10);
  return isRight ? '' : `the page says ${stated} kB, but they have ${sizes.map(Math.round).join(' and ')} kB`;
}

async function main() {
  const recipes = readRecipes();
  const { only } = readOptions({ only: list([...new Set(recipes.map(({ bundler }) => bundler))]) });
  await inTemporaryFolder(async (folder) => {
    const packages = path.join(await fetchListed('bundlers', fixtures), 'node_modules');
    const places = { packages, installed: unpack(await packPackage(folder), folder) };
    const checks = [
      ...recipes.map((recipe) => [recipe.bundler, recipe.title, (made) => follow(recipe, made, places)]),
      ...Object.entries(REFUSALS).map(([bundler, command]) => [
        bundler,
        'refuses a binary without a loader',
        (made) => refuse(command, made, places),
      ]),
      ['esbuild', 'makes bundles of the size that the page states', (made) => weigh(made, places)],
    ];
    const rows = checks
      .filter(([bundler]) => only.includes(bundler))
      .map(([bundler, title, check], index) => {
        return [bundler, title, verdictOn(`${bundler}, ${title}`, check(path.join(folder, String(index))))];
      });
    console.log(table(['', 'how', ''], rows));
  });
}

main();
