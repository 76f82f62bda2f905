'use strict';

const { table } = require('../scripts/support/table');
const { BASE, PEERS, ratioOf, rowsOf, timeOf } = require('./figures');
const { FLOORS, judge } = require('./goals');
const { nameOf, subjects } = require('./subjects');

/** The figures that the README gives, with their numbers of namespaces. */
const CLAIMED = [
  ['await', 1, '`await` of an async function'],
  ['await', 5, '`await`, five namespaces'],
  ['then', 1, '`.then`'],
  ['nextTick', 1, '`process.nextTick`'],
  ['setTimeout', 1, '`setTimeout`'],
  ['get', 1, '`get`'],
  ['unit', 1, 'a whole context: create, run, set, get, end'],
  ['nested', 10, 'ten namespaces, nested'],
  ['cpu', 3, 'an HTTP request, three namespaces: CPU time'],
];

const headings = {
  carrying: 'carrying a context: ns an operation',
  using: 'using a context: ns an operation',
  serving: 'serving HTTP: three namespaces, 50 awaits and 10 gets a request',
  logging: 'serving HTTP with Fastify: pino writes a line with a value of the context, 3 awaits a request',
  stack: 'the stack',
  memory: 'memory',
};

/** A number with three digits, or a few more if they are in front of the point. */
function number(value) {
  if (value === undefined) return '';
  if (Math.abs(value) < 9.995) return value.toFixed(2);
  if (Math.abs(value) < 99.95) return value.toFixed(1);
  return value < 9999.5 ? value.toFixed(0) : `${Math.round(value / 1000)}k`;
}

/** Rows of cells, with a heading above those of each group. */
function grouped(run, cells) {
  const all = rowsOf(run);
  return Object.entries(headings).flatMap(([group, heading]) => {
    const rows = all.filter((row) => row.group === group);
    return rows.length > 0 ? [[heading], ...rows.map((row) => [row.label, ...cells(row)])] : [];
  });
}

/** What each subject takes, and for those that carry contexts the ratio to AsyncLocalStorage. */
function times(run) {
  const measured = Object.keys(subjects).filter((subject) => run.figures.some((entry) => entry.subject === subject));
  const cell = (row, subject) => {
    const compared = subject !== BASE && subjects[subject].counted;
    const ratio = compared ? ratioOf(run, row, subject, BASE)?.median : undefined;
    return `${number(timeOf(run, row, subject)?.median)} ${number(ratio)}`.trim();
  };
  return table(
    ['', ...measured],
    grouped(run, (row) => measured.map((subject) => cell(row, subject))),
  );
}

/** How far from the median half of the rounds lie; nothing after a single one. */
function around({ median, low, high }) {
  return low === high ? '' : ` ±${(((high - low) / Math.abs(median) / 2) * 100).toFixed(0)}%`;
}

/** The ratios of this package, with an engine, to each peer, with their spread. */
function ratios(run, engine) {
  const cell = (row, peer) => {
    const ratio = ratioOf(run, row, nameOf(engine), peer);
    return ratio ? `${number(ratio.median)}${around(ratio)}` : '';
  };
  return table(
    [nameOf(engine), ...PEERS.map((peer) => `of ${peer}`)],
    grouped(run, (row) => PEERS.map((peer) => cell(row, peer))),
  );
}

/** The goals, and what was measured. */
function goals(run) {
  const rows = judge(run).map(({ row, subject, of, limit, measured, floor, verdict }) => [
    `${row.label}${subject === nameOf(run.engine) ? '' : `, ${subject}`}${of ? `, of ${of}` : ''}`,
    number(limit),
    number(measured.median),
    measured.low === measured.high ? '' : `${number(measured.low)}–${number(measured.high)}`,
    number(floor),
    verdict,
  ]);
  return table(['goal', 'at most', 'measured', 'spread', 'floor', ''], rows);
}

function section(run) {
  const engines = Object.values(subjects)
    .map(({ engine }) => engine)
    .filter((engine) => engine && run.figures.some(({ subject }) => subject === nameOf(engine)));
  return [
    `### Node.js ${run.version.slice(1)}: ${run.engine}`,
    `The median of each subject, and beside it its ratio to ${BASE}.`,
    times(run),
    `The ratio of this package to each peer, with the spread.`,
    ...engines.map((engine) => ratios(run, engine)),
    `The goals. A floor is what "${FLOORS[run.engine]}" would have reached.`,
    goals(run),
  ];
}

/**
 * What was measured: what the command prints, and the generated part of docs/benchmarks.md.
 *
 * @param {object} result of main.js
 * @returns {string} Markdown
 */
function report({ command, machine, quick, effort, runs }) {
  const what = quick ? 'A quick run, which shows that all of it works and no more' : 'Measured';
  return [
    `${what}: on ${machine}, by`,
    `\`\`\`sh\n${command}\n\`\`\``,
    `Rounds: ${effort.rounds}. Resident memory after ${effort.requests.toLocaleString('en')} requests.`,
    ...runs.flatMap(section),
  ].join('\n\n');
}

/**
 * The generated part of README.md: the ratios to AsyncLocalStorage and to cls-hooked.
 *
 * @param {object} result of main.js
 * @returns {string} Markdown; nothing after a quick run, for that can't carry a claim
 */
function claims({ command, quick, runs }) {
  if (quick) return '';
  const cells = ([figure, count]) =>
    runs.map((run) => {
      const row = rowsOf(run).find((one) => one.figure === figure && one.count === count);
      const own = nameOf(run.engine);
      return row ? [BASE, 'cls-hooked'].map((peer) => number(ratioOf(run, row, own, peer)?.median)).join(' / ') : '';
    });
  const head = ['', ...runs.map(({ version }) => version.replace(/^v(\d+).*/, 'Node.js $1'))];
  return [
    'What it takes, as a ratio to as many stores of `AsyncLocalStorage` / to cls-hooked in the same run:',
    table(
      head,
      CLAIMED.map((claim) => [claim[2], ...cells(claim)]),
    ),
    '![The ratios to AsyncLocalStorage, by release of Node.js](docs/benchmarks.svg)',
    `Measured by \`${command}\`; [docs/benchmarks.md](docs/benchmarks.md) has all figures and what they mean.`,
  ].join('\n\n');
}

module.exports = { claims, report };
