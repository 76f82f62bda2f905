'use strict';

const Table = require('cli-table3');

const { FLOORS } = require('./judge');
const { goals, ratios, times } = require('./tables');

/** No lines between the cells. */
const chars = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid', 'middle']
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .map((part) => [part, '']),
);
chars['mid-mid'] = chars['left-mid'] = chars['right-mid'] = '';

/** Breaks a title of more than a word or two into short lines. */
const broken = (title) => (title.length < 7 ? title : title.split(/(?<=[- ])|(?<=[a-z])(?=[A-Z])/).join('\n'));

function render({ head, rows }) {
  const table = new Table({
    head: head.map(broken),
    chars,
    colAligns: head.map((_, i) => (i === 0 ? 'left' : 'right')),
    style: { 'padding-left': 0, 'padding-right': 1, head: [], border: [] },
  });
  for (const row of rows) table.push(row.length === 1 ? [{ content: row[0], colSpan: head.length }] : row);
  return table.toString().replace(/ +$/gm, '');
}

/**
 * What was measured, as text for a terminal of 100 columns.
 *
 * @param {{ effort: object, runs: object[] }} result of main.js
 * @returns {string}
 */
function terminal({ runs }) {
  const parts = runs.flatMap((run) => [
    `Node.js ${run.version}: ${run.engine}. Beside a figure, its ratio to that of AsyncLocalStorage:`,
    render(times(run)),
    'The ratios to each peer. Half of the rounds are as near as the figure behind ± says:',
    render(ratios(run, run.engine)),
    `The goals. A floor is what ${FLOORS[run.engine]} would have reached:`,
    render(goals(run)),
  ]);
  return `${parts.join('\n\n')}\n`;
}

module.exports = { terminal };
