'use strict';

const { BASE, PEERS, ratioOf, rowsOf, timeOf } = require('./figures');
const { judge } = require('./judge');
const { nameOf, subjects } = require('./subjects');

/**
 * Tables of what was measured with one Node.js: the titles of the columns, and rows of cells. A row with one cell is
 * the heading of those below it.
 */

const headings = {
  carrying: 'carrying a context: ns an operation',
  using: 'using a context: ns an operation',
  serving: 'serving HTTP: three namespaces, 50 awaits and 10 gets a request',
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
  return { head: ['', ...measured], rows: grouped(run, (row) => measured.map((subject) => cell(row, subject))) };
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
  return {
    head: [nameOf(engine), ...PEERS.map((peer) => `of ${peer}`)],
    rows: grouped(run, (row) => PEERS.map((peer) => cell(row, peer))),
  };
}

/** The goals, and what was measured. */
function goals(run) {
  return {
    head: ['goal', 'at most', 'measured', 'spread', 'floor', ''],
    rows: judge(run).map(({ row, subject, of, limit, measured, floor, verdict }) => [
      `${row.label}${subject === 'loaded' ? ', loaded only' : ''}${of ? `, of ${of}` : ''}`,
      number(limit),
      number(measured.median),
      measured.low === measured.high ? '' : `${number(measured.low)}–${number(measured.high)}`,
      number(floor),
      verdict,
    ]),
  };
}

module.exports = { goals, number, ratios, times };
