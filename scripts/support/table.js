'use strict';

/**
 * A table in Markdown that is also good to read as it is: its columns are aligned, the first one to the left and the others to
 * the right.
 *
 * @param {string[]} head the titles of the columns
 * @param {Array<Array<string | number>>} rows their cells; a row with one cell is the heading of those below it
 * @returns {string}
 */
function table(head, rows) {
  const lines = [head, ...rows.map((row) => (row.length === 1 ? [`**${row[0]}**`] : row))];
  const cells = lines.map((line) => head.map((_, column) => String(line[column] ?? '')));
  const columns = head.map((_, column) => column);
  // A heading may reach into the columns beside: it does not make its own wider.
  const isHeading = (line) => line > 0 && rows[line - 1].length === 1;
  const widths = columns.map((column) => Math.max(3, ...cells.map((line, at) => (isHeading(at) ? 0 : line[column].length))));
  const aligned = cells.map((line) =>
    columns.map((column) => (column === 0 ? line[column].padEnd(widths[column]) : line[column].padStart(widths[column]))),
  );
  const rule = columns.map((column) => (column === 0 ? '-'.repeat(widths[column]) : `${'-'.repeat(widths[column] - 1)}:`));
  return [aligned[0], rule, ...aligned.slice(1)].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

module.exports = { table };
