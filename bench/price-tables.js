'use strict';

const { quantile } = require('../tools/support/statistics');
const { table } = require('../tools/support/table');

/** The page of docs/ and the part of it that has the table of each subject of prices/child.js. */
const PLACES = {
  requests: ['http', 'requests'],
  usage: ['usage', 'price'],
  watchdog: ['watchdog', 'price'],
  profiler: ['profiler', 'price'],
};

const median = (values) => quantile(values, 0.5);
const digits = (value) => value.toFixed(value < 99.95 ? 1 : 0);

/** The median of a case and, compared round by round with the first case, the median ratio. */
function cell(values, first) {
  const ratio = values === first ? '' : ` (${median(values.map((value, round) => value / first[round])).toFixed(2)})`;
  return `${digits(median(values))}${ratio}`;
}

/** The table of a subject: for each measure a row of each release, and a column of each case. */
function priceTable(subject, runs) {
  const measured = runs.filter(({ prices }) => prices?.[subject] !== undefined);
  if (measured.length === 0) return undefined;
  const measures = Object.entries(measured[0].prices[subject]);
  const rows = measures.flatMap(([measure]) => [
    [measure],
    ...measured.map(({ version, prices }) => {
      const all = Object.values(prices[subject][measure]);
      return [`Node.js ${version.replace(/^v(\d+).*/, '$1')}`, ...all.map((values) => cell(values, all[0]))];
    }),
  ]);
  return table(['', ...Object.keys(measures[0][1])], rows);
}

module.exports = { PLACES, priceTable };
