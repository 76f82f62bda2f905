'use strict';

const { quantile } = require('../scripts/support/statistics');
const catalogue = require('./catalogue');
const { subjects } = require('./subjects');

/** What ratios are taken to, if nothing else is said. */
const BASE = 'AsyncLocalStorage';

/**
 * What the values of several rounds come to.
 *
 * @param {number[]} values
 * @returns {{ median: number, low: number, high: number }} half of the values are from low to high
 */
function summary(values) {
  return { median: quantile(values, 0.5), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}

/**
 * @param {{ figures: object[] }} run what was measured with one Node.js
 * @returns {{ group: string, figure: string, label: string, count: number }[]} the figures that are there, in the order
 *   of the catalogue
 */
function rowsOf({ figures }) {
  const rows = catalogue.flatMap(({ group, counts, figures: given }) =>
    given.flatMap(({ name, label, unit }) =>
      counts.map((count) => {
        const times = counts.length > 1 && count > 1 ? ` ×${count}` : '';
        return { group, figure: name, label: `${label}${times}${unit === 'ns' ? '' : `, ${unit}`}`, count };
      }),
    ),
  );
  return rows.filter(({ figure, count }) =>
    figures.some((entry) => entry.figure === figure && (entry.count === 0 || entry.count === count)),
  );
}

/** The values of a subject, by round. What has no namespaces was measured once for all numbers of them. */
function valuesOf({ figures }, { figure, count }, subject) {
  const own = subjects[subject].counted ? count : 0;
  return figures.find((entry) => entry.figure === figure && entry.count === own && entry.subject === subject)?.values;
}

/**
 * @param {{ figures: object[] }} run
 * @param {{ figure: string, count: number }} row
 * @param {string} subject
 * @returns {{ median: number, low: number, high: number } | undefined} undefined if it wasn't measured
 */
function timeOf(run, row, subject) {
  const values = valuesOf(run, row, subject);
  return values && summary(values);
}

/**
 * The ratio of two subjects, taken in each round by itself.
 *
 * @param {{ figures: object[] }} run
 * @param {{ figure: string, count: number }} row
 * @param {string} subject
 * @param {string} peer
 * @returns {{ median: number, low: number, high: number } | undefined} undefined if one of them wasn't measured
 */
function ratioOf(run, row, subject, peer) {
  const values = valuesOf(run, row, subject);
  const others = valuesOf(run, row, peer);
  return values && others && summary(values.map((value, round) => value / others[round]));
}

module.exports = { BASE, ratioOf, rowsOf, timeOf };
