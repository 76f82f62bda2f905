'use strict';

const { BASE, ratioOf, rowsOf } = require('./figures');
const { FLOORS } = require('./judge');
const { nameOf, subjects } = require('./subjects');
const { goals, number, ratios, times } = require('./tables');

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

const line = (cells) => `| ${cells.join(' | ')} |`;

function render({ head, rows }) {
  const filled = (row) => (row.length === 1 ? [`**${row[0]}**`, ...head.slice(1).map(() => '')] : row);
  const rule = head.map((_, i) => (i === 0 ? '---' : '--:'));
  return [head, rule, ...rows.map(filled)].map(line).join('\n');
}

function section(run) {
  const engines = Object.values(subjects)
    .map(({ engine }) => engine)
    .filter((engine) => engine && run.figures.some(({ subject }) => subject === nameOf(engine)));
  return [
    `### Node.js ${run.version.slice(1)}: ${run.engine}`,
    `The median of each subject, and beside it its ratio to ${BASE}.`,
    render(times(run)),
    `The ratio of this package to each peer, with the spread.`,
    ...engines.map((engine) => render(ratios(run, engine))),
    `The goals. A floor is what "${FLOORS[run.engine]}" would have reached: nobody who carries contexts takes less.`,
    render(goals(run)),
  ];
}

/**
 * The generated part of docs/benchmarks.md.
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
  const table = {
    head: ['', ...runs.map(({ version }) => version.replace(/^v(\d+).*/, 'Node.js $1'))],
    rows: CLAIMED.map((claim) => [claim[2], ...cells(claim)]),
  };
  return [
    'What it takes, as a ratio to as many stores of `AsyncLocalStorage` / to cls-hooked in the same run:',
    render(table),
    '![The ratios to AsyncLocalStorage, by release of Node.js](docs/benchmarks.svg)',
    `Measured by \`${command}\`; [docs/benchmarks.md](docs/benchmarks.md) has all figures and what they mean.`,
  ].join('\n\n');
}

module.exports = { claims, report };
