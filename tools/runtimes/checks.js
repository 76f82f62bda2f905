'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { frameworks } = require('../../test/integrations/http/frameworks');
const { snippetsOf } = require('../../test/support/snippets');
const { root } = require('../support/run');

/** The entry points that other runtimes are refused. */
const NODE_ALONE = [
  'context/domain',
  'context/watchdog',
  'context/usage',
  'context/profiler',
  'context/leaks',
  'context/finder',
];

/** The pages with programs that use the package alone. */
const PAGES = ['README.md', 'docs/api.md'];

/** What a runtime's messages lack, so that simulated requests cannot use them: test/propagation/random/hops.js. */
const LACKS = { Bun: ['messageChannel'] };

/** The permissions that Deno needs for loading, in the order in which it asks for them. */
const PERMISSIONS = ['--allow-read', '--allow-ffi'];

function failed({ code, output }) {
  console.error(output);
  return { cell: `fails (${code})`, isRight: false };
}

/** What a program has printed in its last line. */
const parse = (stdout) => JSON.parse(stdout.trimEnd().split('\n').at(-1));

/** How often the value was the right one: `700 of 700`. */
function verdictOf({ right, lost, wrong, ends, requests }) {
  const share = `${right} of ${right + lost + wrong}`;
  const others = [wrong > 0 && `${wrong} wrong`, ends !== requests && `${ends} ends`].filter(Boolean);
  const isRight = right > 0 && lost === 0 && wrong === 0 && ends === requests;
  return { cell: [share, ...others].join(', '), isRight };
}

/** Runs a program that prints how often it saw the right value. */
async function counts(runtime, name, args = []) {
  const result = await runtime.runProgram([name, ...args]);
  return result.code === 0 ? verdictOf(parse(result.stdout)) : failed(result);
}

async function framework(runtime, name) {
  const result = await runtime.run([path.join('test', 'integrations', 'http', 'measure.js'), name, 'instrument']);
  if (result.code !== 0) return failed(result);
  const total = { right: 0, lost: 0, wrong: 0 };
  for (const step of Object.values(parse(result.stdout))) {
    for (const kind of Object.keys(total)) total[kind] += step[kind];
  }
  return verdictOf(total);
}

/** Whether a program has printed what it should. Bun and Deno show strings with other quotes. */
function hasPrinted({ code, stdout }, output) {
  return code === 0 && stdout.replaceAll('"', "'") === output.replaceAll('"', "'");
}

/** Runs the programs of the docs that print something, from files of their own. What works on Node.js alone should be refused elsewhere. */
async function documented(runtime) {
  const folder = path.join(root, '.cache', 'runtimes');
  fs.mkdirSync(folder, { recursive: true });
  const all = PAGES.flatMap((page) => snippetsOf(page).map((snippet) => ({ page, ...snippet })));
  const programs = all.filter(({ output }) => output !== undefined);
  let right = 0;
  let refused = 0;
  for (const { page, line, program, output } of programs) {
    const file = path.join(folder, `${path.basename(page, '.md')}-${line}${/^import /m.test(program) ? '.mjs' : '.cjs'}`);
    fs.writeFileSync(file, program);
    const result = await runtime.run([file]);
    if (hasPrinted(result, output)) right++;
    else if (NODE_ALONE.some((name) => result.output.includes(`${name} does not work on`))) refused++;
    else console.error(`${runtime.name}: line ${line} of ${page}: ${result.output}`);
  }
  const cell = `${right} of ${programs.length}${refused > 0 ? `, ${refused} refused` : ''}`;
  return { cell, isRight: right > 0 && right + refused === programs.length };
}

/** Gives Deno one permission after another: each error has to name the next one. */
async function permissions(runtime) {
  if (runtime.name !== 'Deno') return { cell: '', isRight: true };
  const named = [];
  for (const [index, missing] of PERMISSIONS.entries()) {
    const { code, output } = await runtime.runProgram(['engine'], PERMISSIONS.slice(0, index));
    if (code !== 0 && output.includes(missing)) named.push(missing.replace('--allow-', ''));
  }
  const { code } = await runtime.runProgram(['engine'], PERMISSIONS);
  return { cell: `${named.join(', ')}: named`, isRight: named.length === PERMISSIONS.length && code === 0 };
}

/** Runs a program that prints a word, one of those that are expected. */
async function word(runtime, args, ...expected) {
  const result = await runtime.runProgram(args);
  if (result.code !== 0) return failed(result);
  const printed = result.stdout.trim();
  return { cell: /[A-Z_-]/.test(printed) ? `\`${printed}\`` : printed || 'works', isRight: expected.includes(printed) };
}

const nodeAlone = (name) => (runtime) =>
  word(runtime, ['refused', name], runtime.name === 'Node.js' ? '' : 'ERR_CONTEXT_RUNTIME');
const titled = (names, title, check) => Object.fromEntries(names.map((name) => [title + name, check(name)]));

/** What is shown on each runtime: titles, and what makes the cell and judges it. */
const checks = {
  engine: (runtime) => word(runtime, ['engine'], 'async-context-frame'),
  'programs of README.md and docs/api.md': documented,
  'a server, 100 requests at a time': (runtime) => counts(runtime, 'server'),
  '`Bun.serve`, `Deno.serve`: 100 at a time': (runtime) =>
    runtime.name === 'Node.js' ? { cell: '', isRight: true } : counts(runtime, 'native'),
  '1,000 simulated requests at a time': (runtime) => counts(runtime, 'cross-talk', LACKS[runtime.name]),
  'context/http: bodies, close, `end`': (runtime) => counts(runtime, 'http'),
  ...titled(Object.keys(frameworks), 'context/http: ', (name) => (runtime) => framework(runtime, name)),
  'context/cls': (runtime) => counts(runtime, 'cls'),
  'context/opentelemetry': (runtime) => counts(runtime, 'opentelemetry'),
  ...titled(NODE_ALONE, '', nodeAlone),
  'an unhandled rejection: store, context': (runtime) =>
    word(runtime, ['rejection'], 'both', ...(runtime.name === 'Bun' ? ['neither'] : [])),
  '`add` and `bind`: see below': (runtime) => counts(runtime, 'repairs'),
  'a permission that is missing': permissions,
};

module.exports = { checks };
