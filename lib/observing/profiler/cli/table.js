'use strict';

/** How many rows are shown. */
const ROWS = 10;

/** What is shown for samples without a value. */
const NONE = '(none)';

/** What a terminal might obey, or not show as it is: control characters, those that turn the direction of the text, halves of a pair. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * A text of others, such as the path of a request, that a terminal shows as it is.
 *
 * @param {string} text
 * @returns {string} with `\u{9b}` and the like in place of what is not shown
 */
function escapeText(text) {
  return text.replaceAll(UNSAFE, (character) => `\\u{${character.codePointAt(0).toString(16)}}`);
}

/**
 * The largest rows as a table.
 *
 * @param {{ value: string | undefined, share: number, time: number, samples: number }[]} rows the largest first
 * @param {string} label
 * @returns {string} its lines
 */
function tableOf(rows, label) {
  const title = escapeText(label);
  const shown = rows.slice(0, ROWS).map((row) => ({ ...row, name: row.value === undefined ? NONE : escapeText(row.value) }));
  const width = Math.max(title.length, ...shown.map(({ name }) => name.length));
  const lines = [`${title.padEnd(width)}   share       time   samples`];
  for (const { name, share, time, samples } of shown) {
    const numbers = [
      `${(share * 100).toFixed(1)} %`.padStart(7),
      `${time.toFixed(0)} ms`.padStart(10),
      `${samples}`.padStart(9),
    ];
    lines.push(`${name.padEnd(width)} ${numbers.join(' ')}`);
  }
  if (rows.length > ROWS) lines.push(`… and ${rows.length - ROWS} more`);
  if (rows.some(({ value }) => value === undefined))
    lines.push(`${NONE}: what ran in no request, or if '${title}' was not set`);
  return lines.map((line) => `  ${line}\n`).join('');
}

module.exports = { escapeText, tableOf };
