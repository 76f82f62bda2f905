'use strict';

const { escapeText } = require('../profiler/cli/table');
const { textOf } = require('./report');

const escapeLines = (text) => text.split('\n').map(escapeText).join('\n');

/** What a reader gets: each finding, and the files that could not be compiled. */
function printed({ findings, failures }) {
  const notes = failures.map(
    ([file, message]) => `context-find: ${file} was not compiled, so its losses are not found: ${message}`,
  );
  const count = findings.length === 1 ? '1 place loses its context' : `${findings.length} places lose their context`;
  const lines = [...findings.map((found) => `${textOf(found)}\n`), ...notes, `context-find: ${count}`];
  return `${escapeLines(lines.join('\n'))}\n`;
}

const keyOf = ({ kind, api, file, line, column, package: by, calledAt }) =>
  JSON.stringify([kind, api, file, line, column, by, calledAt]);

/** Joins what several threads and processes found: the same place once. */
function merge(reports) {
  const byKey = new Map();
  for (const found of reports.flatMap(({ findings }) => findings)) {
    const known = byKey.get(keyOf(found));
    if (known === undefined) byKey.set(keyOf(found), found);
    else for (const name of ['foreign', 'none', 'reads']) known[name] += found[name];
  }
  for (const found of byKey.values()) found.text = textOf(found);
  const findings = [...byKey.values()].sort((one, other) => other.foreign + other.none - (one.foreign + one.none));
  return { findings, failures: [...new Map(reports.flatMap(({ failures }) => failures))] };
}

module.exports = { merge, printed };
