'use strict';

const { table } = require('../tools/support/table');
const { BASE, ratioOf, rowsOf, timeOf } = require('./figures');
const { FLOORS, judge } = require('./goals');
const { PLACES, priceTable } = require('./price-tables');
const { nameOf, subjects } = require('./subjects');

/** The figures of the README, with their numbers of namespaces. */
const CLAIMED = [
  ['await', 1, 'an `await`, one namespace'],
  ['unit', 1, 'a context: create, run, set, get, end'],
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

/** Formats a number with three significant digits, or more before the decimal point. */
function number(value) {
  if (value === undefined) return '';
  if (Math.abs(value) < 9.995) return value.toFixed(2);
  if (Math.abs(value) < 99.95) return value.toFixed(1);
  return value < 9999.5 ? value.toFixed(0) : `${Math.round(value / 1000)}k`;
}

/** The rows of a run, with a heading per group. */
function grouped(run, cells) {
  const all = rowsOf(run);
  return Object.entries(headings).flatMap(([group, heading]) => {
    const rows = all.filter((row) => row.group === group);
    return rows.length > 0 ? [[heading], ...rows.map((row) => [row.label, ...cells(row)])] : [];
  });
}

/** Formats the spread of half of the rounds around the median; empty after a single one. */
function around({ median, low, high }) {
  return low === high ? '' : ` ±${(((high - low) / Math.abs(median) / 2) * 100).toFixed(0)}%`;
}

/** The medians of all subjects; with ratios to AsyncLocalStorage for those with contexts, and their spread for this package. */
function times(run) {
  const measured = Object.keys(subjects).filter((subject) => run.figures.some((entry) => entry.subject === subject));
  const cell = (row, subject) => {
    const compared = subject !== BASE && subjects[subject].counted;
    const ratio = compared ? ratioOf(run, row, subject, BASE) : undefined;
    const spread = ratio && subjects[subject].engine ? around(ratio) : '';
    return `${number(timeOf(run, row, subject)?.median)} ${number(ratio?.median)}${spread}`.trim();
  };
  const rows = grouped(run, (row) => measured.map((subject) => cell(row, subject)));
  return table(['', ...measured], rows);
}

/** The goals with the measured values. */
function goals(run) {
  const rows = judge(run).map(({ row, subject, of, limit, measured, floor, verdict }) => [
    `${row.label}${subject === nameOf(run.engine) ? '' : `, ${subject}`}${of ? `, of ${of}` : ''}`,
    ...[number(limit), number(measured.median)],
    measured.low === measured.high ? '' : `${number(measured.low)}–${number(measured.high)}`,
    ...[number(floor), verdict],
  ]);
  return table(['goal', 'at most', 'measured', 'spread', 'floor', ''], rows);
}

function section(run, withGoals) {
  const parts = [`### Node.js ${run.version.slice(1)}: ${run.engine}`, times(run)];
  if (withGoals) parts.push(`The goals. A floor is what "${FLOORS[run.engine]}" would have reached.`, goals(run));
  return parts;
}

/** The output of the command; without goals, the generated part of docs/benchmarks.md. */
function report({ command, machine, quick, effort, runs }, { withGoals = false } = {}) {
  const what = quick ? 'A quick run, which only shows that everything works' : 'Measured';
  return [
    `${what}: on ${machine}, by`,
    `\`\`\`sh\n${command}\n\`\`\``,
    `Rounds: ${effort.rounds}. Resident memory after ${effort.requests.toLocaleString('en')} requests. The median of each subject, its ratio to ${BASE}, and the spread of the ratio for this package:`,
    ...runs.filter(({ figures }) => figures.length > 0).flatMap((run) => section(run, withGoals)),
    ...Object.keys(PLACES).flatMap((subject) => {
      const prices = priceTable(subject, runs);
      return prices === undefined ? [] : [`### What it costs: ${subject}`, prices];
    }),
  ].join('\n\n');
}

/** The generated part of README.md, the ratios to AsyncLocalStorage; empty after a quick run, which proves nothing. */
function claims({ quick, runs }) {
  if (quick) return '';
  const cell = (run, figure, count) => {
    const row = rowsOf(run).find((one) => one.figure === figure && one.count === count);
    return row ? number(ratioOf(run, row, nameOf(run.engine), BASE)?.median) : '';
  };
  const releases = runs.map(({ version }) => version.replace(/^v(\d+).*/, 'Node.js $1'));
  const rows = CLAIMED.map(([figure, count, title]) => [title, ...runs.map((run) => cell(run, figure, count))]);
  return [
    table(['cost, as a ratio to `AsyncLocalStorage`', ...releases], rows),
    '[All figures, how they are measured, and what is slower](docs/benchmarks.md).',
  ].join('\n\n');
}

module.exports = { claims, report };
