'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { root } = require('./run');

/**
 * Creates a Markdown table with aligned columns, the first one to the left and the others to the right. A row of one cell is a
 * heading for the rows below it.
 */
function table(head, rows) {
  const lines = [head, ...rows.map((row) => (row.length === 1 ? [`**${row[0]}**`] : row))];
  const cells = lines.map((line) => head.map((_, column) => String(line[column] ?? '')));
  const columns = head.map((_, column) => column);
  // A heading doesn't widen its column: it may extend into the next ones.
  const isHeading = (line) => line > 0 && rows[line - 1].length === 1;
  const widths = columns.map((column) => Math.max(3, ...cells.map((line, at) => (isHeading(at) ? 0 : line[column].length))));
  const aligned = cells.map((line) =>
    columns.map((column) => (column === 0 ? line[column].padEnd(widths[column]) : line[column].padStart(widths[column]))),
  );
  const rule = columns.map((column) => (column === 0 ? '-'.repeat(widths[column]) : `${'-'.repeat(widths[column] - 1)}:`));
  return [aligned[0], rule, ...aligned.slice(1)].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

/** Replaces the part of a text between the comments `<!-- name:start -->` and `<!-- name:end -->`, if it has them. */
function replacePart(text, name, generated) {
  const [first, last] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const [start, end] = [text.indexOf(first), text.indexOf(last)];
  if (start < 0 || end < start) return text;
  return `${text.slice(0, start + first.length)}\n${generated && `\n${generated}\n\n`}${text.slice(end)}`;
}

/** Writes generated parts, by name, into a page of docs/. */
function writeParts(page, parts) {
  const file = path.join(root, 'docs', page);
  const write = (text, [name, generated]) => replacePart(text, name, generated);
  fs.writeFileSync(file, Object.entries(parts).reduce(write, fs.readFileSync(file, 'utf8')));
}

module.exports = { replacePart, table, writeParts };
