'use strict';

const { median } = require('../tools/support/statistics');
const { table } = require('../tools/support/table');

/** By subject of prices/child.js: the page of docs/ and the part of it with the subject's table. */
const PLACES = {
  requests: ['http', 'requests'],
  usage: ['usage', 'price'],
  watchdog: ['watchdog', 'price'],
  profiler: ['profiler', 'price'],
};

const digits = (value) => value.toFixed(value < 99.95 ? 1 : 0);

/** Formats the median of a case, and the median ratio to the first case, calculated per round. */
function cell(values, first) {
  const ratio = values === first ? '' : ` (${median(values.map((value, round) => value / first[round])).toFixed(2)})`;
  return `${digits(median(values))}${ratio}`;
}

/** The table of a subject: a row per measure and release, a column per case; undefined if it wasn't measured. */
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
