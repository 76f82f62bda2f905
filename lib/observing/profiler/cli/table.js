'use strict';

const ROWS = 10;

/** Shown for samples without a value. */
const NONE = '(none)';

/**
 * Characters that a terminal may interpret or not display: control characters, bidirectional controls, unpaired surrogates.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Escapes text of foreign origin, such as a request's path, for a terminal: `\u{9b}`. */
function escapeText(text) {
  return text.replaceAll(UNSAFE, (character) => `\\u{${character.codePointAt(0).toString(16)}}`);
}

/**
 * Formats the largest rows as a table.
 * @param {{ value: string | undefined, share: number, time: number, samples: number }[]} rows largest first
 * @param {string} label
 * @returns {string}
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
  if (rows.some(({ value }) => value === undefined)) lines.push(`${NONE}: code outside requests, or without '${title}'`);
  return lines.map((line) => `  ${line}\n`).join('');
}

module.exports = { escapeText, tableOf };
