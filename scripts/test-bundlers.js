'use strict';

/**
 * `npm run test:bundlers`: does what docs/bundlers.md says, with a program that uses most of the package. Each bundle is made in a project
 * that has the packed package installed, and runs in a folder that has nothing else, or just the package if that is to be beside it.
 * `-- --only webpack` for one of the bundlers. The exit code is 1 if one of them failed, 2 if the options are wrong.
 */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { readOptions } = require('./support/options');
const { fetchListed, packPackage, unpack } = require('./support/packages');
const { table } = require('./support/table');

const root = path.join(__dirname, '..');
const fixtures = path.join(root, 'test', 'packaging', 'bundlers');
const page = path.join(root, 'docs', 'bundlers.md');

/** The files of the program that is bundled. */
const PROGRAM = ['app.mjs', 'legacy.cjs'];

const RIGHT = /^(async-hooks|async-context-frame): 300 of 300 right\n$/;

/** What refuses a binary unless it is told what to do with it; ncc needs not be told. */
const REFUSALS = {
  esbuild: { command: 'esbuild app.mjs --bundle --platform=node --outdir=dist' },
  webpack: { command: 'webpack ./app.mjs --target node --mode production' },
  rollup: {
    command: 'rollup app.mjs --file dist/app.cjs --format cjs --plugin node-resolve --plugin json --plugin commonjs',
  },
};

/** The recipes of the page: a section of the third level is one, with the files to write, the commands, and what runs the result. */
function readRecipes() {
  const text = fs.readFileSync(page, 'utf8');
  return text.split(/^## /m).flatMap((section) => {
    const [bundler] = section.split('\n');
    return section
      .split(/^### /m)
      .slice(1)
      .map((part) => {
        const [title] = part.split('\n');
        const files = [...part.matchAll(/^`([^`\n]+)`:\n\n```js\n(.*?)^```/gms)].map(([, name, content]) => ({
          name,
          content,
        }));
        const lines = /^```sh\n(.*?)\n```/ms.exec(part)[1].split('\n');
        return { bundler, title, files, command: lines.slice(0, -1).join('\n'), start: lines.at(-1) };
      });
  });
}

function sh(command, cwd, env = {}) {
  const bins = path.join(cwd, 'node_modules', '.bin');
  const PATH = [path.dirname(process.execPath), bins, process.env.PATH].join(path.delimiter);
  const options = { cwd, shell: true, encoding: 'utf8', env: { ...process.env, PATH, ...env } };
  const { status, stdout, stderr } = spawnSync(command, options);
  return { ok: status === 0, stdout, output: `${stdout}${stderr}` };
}

/** A project with the program, the bundlers and the package. */
function makeProject(folder, { packages, installed }) {
  fs.mkdirSync(folder);
  for (const name of PROGRAM) fs.copyFileSync(path.join(fixtures, name), path.join(folder, name));
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const modules = path.join(folder, 'node_modules');
  fs.mkdirSync(modules);
  for (const name of fs.readdirSync(packages)) {
    if (name !== '.bin') fs.symlinkSync(path.join(packages, name), path.join(modules, name), 'dir');
  }
  fs.symlinkSync(path.join(packages, '.bin'), path.join(modules, '.bin'), 'dir');
  fs.cpSync(installed, path.join(modules, 'context'), { recursive: true });
}

/** Runs a bundle without the binaries that belong to it, which has to be told. Returns what went wrong; '' if nothing did. */
function loseBinaries(start, target) {
  for (const name of fs.readdirSync(target, { recursive: true })) {
    if (name.endsWith('.node')) fs.rmSync(path.join(target, name));
  }
  const { ok, output } = sh(start, target);
  const isTold = !ok && ['ERR_CONTEXT_BINDING', 'docs/bundlers.md'].every((part) => output.includes(part));
  return isTold ? '' : `${start} does not tell that the binaries are missing:\n${output}`;
}

/** Makes a bundle and runs it. Returns what went wrong; '' if nothing did. */
function follow({ title, files, command, start }, folder, places) {
  const project = path.join(folder, 'project');
  makeProject(project, places);
  for (const { name, content } of files) fs.writeFileSync(path.join(project, name), content);
  const built = sh(command, project);
  if (!built.ok) return `${command} failed:\n${built.output}`;
  if (/warning/i.test(built.output)) return `${command} warns:\n${built.output}`;
  const target = path.join(folder, 'target');
  fs.mkdirSync(target);
  fs.renameSync(path.join(project, 'dist'), path.join(target, 'dist'));
  if (title.startsWith('Beside'))
    fs.cpSync(places.installed, path.join(target, 'node_modules', 'context'), { recursive: true });
  fs.rmSync(project, { recursive: true });
  // Once alone, once beside another copy of the package, which has all that its integrations need.
  for (const env of [{}, { COPY: path.join(root, 'package.json') }]) {
    const ran = sh(start, target, env);
    if (!ran.ok || !RIGHT.test(ran.stdout)) return `${start} failed:\n${ran.output}`;
  }
  return title.startsWith('Beside') ? '' : loseBinaries(start, target);
}

/** Checks that a bundler does not make a bundle without the binary. Returns what went wrong; '' if nothing did. */
function refuse({ command }, folder, places) {
  makeProject(folder, places);
  const { ok, output } = sh(command, folder);
  if (ok) return `${command} did not fail:\n${output}`;
  return output.includes('.node') ? '' : `${command} failed for another reason:\n${output}`;
}

/**
 * Compares what the page says of the size of a bundle with what it is, of the program and of one that makes a namespace and no more.
 * Returns what went wrong; '' if nothing did.
 */
function weigh(folder, places) {
  const [, told] = /With `--minify` this package makes a bundle about (\d+) kB larger/.exec(fs.readFileSync(page, 'utf8'));
  makeProject(folder, places);
  fs.writeFileSync(path.join(folder, 'least.mjs'), "import { createNamespace } from 'context';\ncreateNamespace('one');\n");
  const { ok, output } = sh(
    'esbuild app.mjs least.mjs --bundle --minify --platform=node --loader:.node=copy --outdir=dist',
    folder,
  );
  if (!ok) return output;
  const sizes = ['app.js', 'least.js'].map((name) => fs.statSync(path.join(folder, 'dist', name)).size / 1000);
  const isRight = sizes.every((size) => Math.abs(size - told) <= told / 10);
  return isRight ? '' : `the page says ${told} kB, and they have ${sizes.map(Math.round).join(' and ')} kB`;
}

async function main() {
  const recipes = readRecipes();
  const names = [...new Set(recipes.map(({ bundler }) => bundler))];
  const usage = `Usage: npm run test:bundlers -- [--only ${names.join('|')}]`;
  const only = readOptions(usage, { only: { type: 'string' } }, (values) => {
    if (values.only !== undefined && !names.includes(values.only)) {
      throw new TypeError(`--only must be one of ${names.join(', ')}, but it is '${values.only}'`);
    }
    return values.only;
  });
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'context-bundlers-')));
  try {
    const packages = path.join(await fetchListed('bundlers', fixtures), 'node_modules');
    const places = { packages, installed: unpack(await packPackage(folder), folder) };
    const rows = [];
    const record = (bundler, title, problem) => {
      rows.push([bundler, title, problem === '' ? 'ok' : 'FAILED']);
      if (problem === '') return;
      console.error(`${bundler}, ${title}: ${problem}`);
      process.exitCode = 1;
    };
    for (const [index, recipe] of recipes.entries()) {
      if (only !== undefined && recipe.bundler !== only) continue;
      const made = path.join(folder, String(index));
      fs.mkdirSync(made);
      record(recipe.bundler, recipe.title, follow(recipe, made, places));
    }
    for (const [bundler, refusal] of Object.entries(REFUSALS)) {
      if (only !== undefined && bundler !== only) continue;
      record(bundler, 'refuses a binary that it was not told of', refuse(refusal, path.join(folder, bundler), places));
    }
    if (only === undefined || only === 'esbuild') {
      record('esbuild', 'makes bundles of the size that the page says', weigh(path.join(folder, 'weighed'), places));
    }
    console.log(table(['', 'how', ''], rows));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main();
