'use strict';

/** Findings as a reader gets them. */

const { escapeText } = require('../profiler/cli/table');
const { shorten, show } = require('./places');

const nameOf = (place) => (place.name ? `${place.name} (${show(place)})` : show(place));

const times = (count) => `${count} ${count === 1 ? 'time' : 'times'}`;

/** The commonest first. */
const byCount = (one, other) => other.foreign + other.none - (one.foreign + one.none);

/** What keeps the context, for each kind of finding. */
function repairOf(kind, place, { bind, snapshot, add }) {
  const where = `at ${shorten(place.file)}:${place.line}`;
  if (kind === 'job') return `put ${snapshot} into the job ${where}, and run the work in it`;
  if (kind === 'listener' && add) return `${add} before, or ${bind}(listener), ${where}`;
  return `${bind}(${kind}) ${where}`;
}

function textOf(finding) {
  const { kind, api, passedIn, ranIn, foreign, none, package: by, calledAt, reads, firstRead, carrier, repair } = finding;
  const lines = [
    `${kind}${api ? ` of ${api}` : ''} at ${show(finding)}`,
    `  passed in ${passedIn}, ran in ${ranIn} (${times(foreign)} in another request, ${times(none)} in none)`,
    `  called by ${by}${calledAt ? ` (${calledAt})` : ''}`,
    reads > 0
      ? `  code in it read the wrong context ${times(reads)}${firstRead ? `, first at ${firstRead}` : ''}`
      : '  no code in it has read a context',
    carrier && `  ${carrier}`,
    `  repair: ${repair}`,
  ];
  return lines.filter(Boolean).join('\n');
}

/** A suspicion as `findings()` returns it. */
function describe({ site: number, caller, reader, ...counts }, units, repairs) {
  const site = units.siteOf(number);
  const place = units.authored(site);
  const finding = {
    ...{ kind: counts.kind, api: site.api, file: shorten(place.file), line: place.line, column: place.column, ...counts },
    calledAt: caller && show(units.authoredCall(caller)),
    firstRead: reader && nameOf(units.authoredCall(reader)),
    repair: repairOf(counts.kind, place, repairs),
  };
  return { ...finding, text: textOf(finding) };
}

/** Joins what several threads and processes found: the same place once. */
function merge(reports) {
  const all = new Map();
  for (const found of reports.flatMap(({ findings }) => findings)) {
    const key = ['kind', 'api', 'file', 'line', 'column', 'package', 'calledAt'].map((name) => found[name]).join('|');
    const known = all.get(key);
    if (known === undefined) all.set(key, found);
    else for (const name of ['foreign', 'none', 'reads']) known[name] += found[name];
  }
  for (const found of all.values()) found.text = textOf(found);
  return {
    findings: [...all.values()].sort(byCount),
    failures: [...new Map(reports.flatMap(({ failures }) => failures))],
  };
}

/** All findings, and the files that could not be compiled. */
function printed({ findings, failures }) {
  const notes = failures.map(([file, why]) => `context-find: ${file} was not compiled, so its losses are not found: ${why}`);
  const count = findings.length === 1 ? '1 place loses its context' : `${findings.length} places lose their context`;
  const lines = [...findings.flatMap(({ text }) => [...text.split('\n'), '']), ...notes, `context-find: ${count}`];
  return lines.map((line) => `${escapeText(line)}\n`).join('');
}

module.exports = { byCount, describe, merge, printed };
