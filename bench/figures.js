'use strict';

const { median, quantile } = require('../tools/support/statistics');
const catalogue = require('./catalogue');
const { subjects } = require('./subjects');

/** The usual denominator of ratios. */
const BASE = 'AsyncLocalStorage';

/** Summarises the values of several rounds: half of them are between low and high. */
const summary = (values) => ({ median: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) });

/** The figures of a run with one Node.js, in the catalogue's order: `{ group, figure, label, count }`. */
function rowsOf({ figures }) {
  const rowOf = ({ group, counts }, { name, label, unit }, count) => {
    const times = counts.length > 1 && count > 1 ? ` ×${count}` : '';
    return { group, figure: name, label: `${label}${times}${unit === 'ns' ? '' : `, ${unit}`}`, count };
  };
  const rowsFor = (measure, figure) => measure.counts.map((count) => rowOf(measure, figure, count));
  const rows = catalogue.flatMap((measure) => measure.figures.flatMap((figure) => rowsFor(measure, figure)));
  const isThere = (row, entry) => entry.figure === row.figure && (entry.count === 0 || entry.count === row.count);
  return rows.filter((row) => figures.some((entry) => isThere(row, entry)));
}

/** The values of a subject, by round. One without namespaces was measured once for all numbers of them. */
function valuesOf({ figures }, { figure, count }, subject) {
  const own = subjects[subject].counted ? count : 0;
  return figures.find((entry) => entry.figure === figure && entry.count === own && entry.subject === subject)?.values;
}

/** The median, low and high time of a subject in a row of `rowsOf`; undefined if it wasn't measured. */
function timeOf(run, row, subject) {
  const values = valuesOf(run, row, subject);
  return values && summary(values);
}

/** The ratio of two subjects, calculated per round: median, low and high; undefined if one of them wasn't measured. */
function ratioOf(run, row, subject, peer) {
  const values = valuesOf(run, row, subject);
  const others = valuesOf(run, row, peer);
  return values && others && summary(values.map((value, round) => value / others[round]));
}

module.exports = { BASE, ratioOf, rowsOf, timeOf };
