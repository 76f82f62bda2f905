'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { frameworks } = require('../../test/integrations/http/frameworks');
const { snippetsOf } = require('../../test/support/snippets');
const { root } = require('../support/run');

/** The entry points that throw on other runtimes. */
const NODE_ALONE = [
  'context/domain',
  'context/watchdog',
  'context/usage',
  'context/profiler',
  'context/leaks',
  'context/finder',
];

/** What distinguishes programs of the docs that need Node.js, and the errors that refuse them elsewhere. */
const OF_NODE = /'uncaughtException'|context\/[a-z]+ does not work on/;

/** The pages whose programs use only this package. */
const PAGES = ['README.md', 'docs/api.md'];

/** The hops of test/propagation/random/hops.js that lose contexts on a runtime, as the stores of AsyncLocalStorage do. */
const LACKS = { Bun: ['messageChannel'] };

/** The permissions that loading needs on Deno, in the order of its errors. */
const PERMISSIONS = ['--allow-read', '--allow-ffi'];

function failed({ code, output }) {
  console.error(output);
  return { cell: `fails (${code})`, isRight: false };
}

/** Parses the last line of a program's output. */
const parse = (stdout) => JSON.parse(stdout.trimEnd().split('\n').at(-1));

/** Formats how often the value was right: `700 of 700`. */
function verdictOf({ right, lost, wrong, ends, requests }) {
  const share = `${right} of ${right + lost + wrong}`;
  const others = [wrong > 0 && `${wrong} wrong`, ends !== requests && `${ends} ends`].filter(Boolean);
  const isRight = right > 0 && lost === 0 && wrong === 0 && ends === requests;
  return { cell: [share, ...others].join(', '), isRight };
}

/** Runs one of programs.js that prints counts. */
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

/** Compares the output of a program. Bun and Deno print strings with other quotes. */
function hasPrinted({ code, stdout }, output) {
  return code === 0 && stdout.replaceAll('"', "'") === output.replaceAll('"', "'");
}

/** Runs the programs of the docs that print something. Some need Node.js: its entry points, or its handlers of uncaught exceptions. */
async function documented(runtime) {
  const folder = path.join(root, '.cache', 'runtimes');
  fs.mkdirSync(folder, { recursive: true });
  const all = PAGES.flatMap((page) => snippetsOf(page).map((snippet) => ({ page, ...snippet })));
  const programs = all.filter(({ output }) => output !== undefined);
  let right = 0;
  let needNode = 0;
  for (const { page, line, program, output } of programs) {
    const file = path.join(folder, `${path.basename(page, '.md')}-${line}${/^import /m.test(program) ? '.mjs' : '.cjs'}`);
    fs.writeFileSync(file, program);
    const result = await runtime.run([file]);
    if (hasPrinted(result, output)) right++;
    else if (runtime.name !== 'Node.js' && OF_NODE.test(program + result.output)) needNode++;
    else console.error(`${runtime.name}: line ${line} of ${page}: ${result.output}`);
  }
  const cell = `${right} of ${programs.length}${needNode > 0 ? `, ${needNode} for Node.js` : ''}`;
  return { cell, isRight: right > 0 && right + needNode === programs.length };
}

/** Runs a program on Deno with one more permission each time: each error must name the next one. */
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

/** Runs one of programs.js that prints a word. */
async function word(runtime, args, ...expected) {
  const result = await runtime.runProgram(args);
  if (result.code !== 0) return failed(result);
  const printed = result.stdout.trim();
  return { cell: /[A-Z_-]/.test(printed) ? `\`${printed}\`` : printed || 'works', isRight: expected.includes(printed) };
}

const nodeAlone = (name) => (runtime) =>
  word(runtime, ['refused', name], runtime.name === 'Node.js' ? '' : 'ERR_CONTEXT_RUNTIME');
const titled = (names, title, check) => Object.fromEntries(names.map((name) => [title + name, check(name)]));

/** The rows of the table: titles, with functions that return a runtime's cell and whether it is right. */
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
  '`add` and `bind`: see below': (runtime) => counts(runtime, 'repairs'),
  'a permission that is missing': permissions,
};

module.exports = { checks };
