'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { snippetsOf } = require('../../test/support/snippets');
const { frameworks } = require('../../test/integrations/http/frameworks');
const { root } = require('./runtime');

/**
 * What is shown on each runtime.
 *
 * @typedef {object} Check
 * @property {string} title
 * @property {(runtime: Runtime) => Promise<{ cell: string, isRight: boolean }>} run
 */

const program = (name) => path.join('scripts', 'runtimes', 'programs', `${name}.js`);

/** The entry points that are refused elsewhere. */
const NODE_ALONE = ['context/domain', 'context/watchdog', 'context/usage', 'context/profiler'];

/** What a runtime's messages lack, so that simulated requests cannot come by them: test/propagation/random/hops.js. */
const LACKS = { Bun: ['messageChannel'] };

function failed({ code, stdout, stderr }) {
  console.error(stdout + stderr);
  return { cell: `fails (${code})`, isRight: false };
}

/** What a program has printed in its last line. */
function parse(stdout) {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1));
}

/** How often the value was the right one: `700 of 700`. */
function cellOf({ right, lost, wrong }) {
  const share = `${right} of ${right + lost + wrong}`;
  return wrong > 0 ? `${share}, ${wrong} wrong` : share;
}

/** Runs a program that prints how often it saw the right value. */
async function counts(runtime, name, args = []) {
  const result = await runtime.run([program(name), ...args]);
  if (result.code !== 0) return failed(result);
  const { ends, requests, ...looks } = parse(result.stdout);
  const isRight = looks.right > 0 && looks.lost === 0 && looks.wrong === 0 && ends === requests;
  return { cell: ends === requests ? cellOf(looks) : `${cellOf(looks)}, ${ends} ends`, isRight };
}

async function framework(runtime, name) {
  const result = await runtime.run([path.join('scripts', 'frameworks', 'child.js'), name, 'instrument']);
  if (result.code !== 0) return failed(result);
  const total = { right: 0, lost: 0, wrong: 0 };
  for (const step of Object.values(parse(result.stdout))) {
    for (const kind of Object.keys(total)) total[kind] += step[kind];
  }
  return { cell: cellOf(total), isRight: total.right > 0 && total.lost === 0 && total.wrong === 0 };
}

/** Whether a program has printed what it should. Bun and Deno show strings with other quotes. */
function hasPrinted({ code, stdout }, output) {
  return code === 0 && stdout.replaceAll('"', "'") === output.replaceAll('"', "'");
}

/** Runs the programs of README that print something, from files of their own. What works on Node.js alone is to be refused elsewhere. */
async function readme(runtime) {
  const folder = path.join(root, '.cache', 'runtimes');
  fs.mkdirSync(folder, { recursive: true });
  const programs = snippetsOf('README.md').filter(({ output }) => output !== undefined);
  let right = 0;
  let refused = 0;
  for (const { line, program: text, output } of programs) {
    const file = path.join(folder, `readme-${line}${/^import /m.test(text) ? '.mjs' : '.cjs'}`);
    fs.writeFileSync(file, text);
    const result = await runtime.run([file]);
    if (hasPrinted(result, output)) right++;
    else if (NODE_ALONE.some((name) => result.stderr.includes(`${name} does not work on`))) refused++;
    else console.error(`${runtime.name}: line ${line} of README.md: ${result.stdout}${result.stderr}`);
  }
  const cell = `${right} of ${programs.length}${refused > 0 ? `, ${refused} refused` : ''}`;
  return { cell, isRight: right > 0 && right + refused === programs.length };
}

/** The permissions of Deno that loading takes, in the order in which it asks for them. */
const PERMISSIONS = ['--allow-read', '--allow-ffi'];

/** Gives Deno one permission after another: each error has to name the next one. */
async function permissions(runtime) {
  if (runtime.name !== 'Deno') return { cell: '', isRight: true };
  const named = [];
  for (const [index, missing] of PERMISSIONS.entries()) {
    const { code, stderr } = await runtime.run([program('engine')], PERMISSIONS.slice(0, index));
    if (code !== 0 && stderr.includes(missing)) named.push(missing.replace('--allow-', ''));
  }
  const { code } = await runtime.run([program('engine')], PERMISSIONS);
  return { cell: `${named.join(', ')}: named`, isRight: named.length === PERMISSIONS.length && code === 0 };
}

/** Runs a program that prints a word, one of those that are expected. */
async function word(runtime, [name, ...args], ...expected) {
  const result = await runtime.run([program(name), ...args]);
  if (result.code !== 0) return failed(result);
  const printed = result.stdout.trim();
  return { cell: /[A-Z_-]/.test(printed) ? `\`${printed}\`` : printed || 'works', isRight: expected.includes(printed) };
}

/** @type {Check[]} */
const checks = [
  { title: 'engine', run: (runtime) => word(runtime, ['engine'], 'async-context-frame') },
  { title: 'programs of README.md', run: readme },
  { title: 'a server, 100 requests at a time', run: (runtime) => counts(runtime, 'server') },
  {
    title: '`Bun.serve`, `Deno.serve`: 100 at a time',
    run: (runtime) => (runtime.name === 'Node.js' ? { cell: '', isRight: true } : counts(runtime, 'native')),
  },
  {
    title: '1,000 simulated requests at a time',
    run: (runtime) => counts(runtime, 'cross-talk', LACKS[runtime.name]),
  },
  { title: 'context/http: bodies, close, `end`', run: (runtime) => counts(runtime, 'http') },
  ...Object.keys(frameworks).map((name) => ({
    title: `context/http: ${name}`,
    run: (runtime) => framework(runtime, name),
  })),
  { title: 'context/cls', run: (runtime) => counts(runtime, 'cls') },
  { title: 'context/opentelemetry', run: (runtime) => counts(runtime, 'opentelemetry') },
  ...NODE_ALONE.map((name) => ({
    title: name,
    run: (runtime) => word(runtime, ['refused', name], runtime.name === 'Node.js' ? '' : 'ERR_CONTEXT_RUNTIME'),
  })),
  {
    title: 'an unhandled rejection: store, context',
    run: (runtime) => word(runtime, ['rejection'], 'both', ...(runtime.name === 'Bun' ? ['neither'] : [])),
  },
  { title: '`add` and `bind`: see below', run: (runtime) => counts(runtime, 'repairs') },
  { title: 'a permission that is missing', run: permissions },
];

module.exports = { checks };
