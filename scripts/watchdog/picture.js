'use strict';

/**
 * Draws what examples/blocked.js prints, with the moment at which it does: `node scripts/watchdog/picture.js` writes docs/blocked.svg. A
 * line is broken where it is too long, as a terminal does.
 */

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..', '..');
const COLUMNS = 96;
const LINE = 18;
const WIDTH = 860;

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The folders of this checkout are nobody's business. */
const shorten = (text) => text.replaceAll(`${root}${path.sep}`, '');

function wrap(text) {
  const parts = [];
  for (let at = 0; at < text.length; at += COLUMNS) parts.push(text.slice(at, at + COLUMNS));
  return parts;
}

function draw(lines) {
  const rows = lines.flatMap(({ seconds, text }) =>
    wrap(text).map((part, index) => ({ part, time: index === 0 ? `${seconds.toFixed(1)} s` : '' })),
  );
  const height = (rows.length + 2) * LINE;
  const texts = rows.map(({ part, time }, index) => {
    const y = (index + 2) * LINE - 4;
    const label = time && `<text x="58" y="${y}" fill="#8b949e" text-anchor="end">${time}</text>`;
    return `${label}<text x="70" y="${y}" xml:space="preserve">${escape(part)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>What examples/blocked.js prints, and when</title>`,
    `<rect width="${WIDTH}" height="${height}" rx="6" fill="#0d1117"/>`,
    `<g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="12.5" fill="#e6edf3">`,
    ...texts,
    `</g>`,
    `</svg>`,
    ``,
  ].join('\n');
}

const began = Date.now();
const lines = [];
let text = '';
const child = spawn(process.execPath, [path.join(root, 'examples', 'blocked.js')], { stdio: ['ignore', 'pipe', 'inherit'] });
child.stdout.setEncoding('utf8').on('data', (part) => {
  const whole = (text + part).split('\n');
  text = whole.pop();
  for (const line of whole) lines.push({ seconds: (Date.now() - began) / 1000, text: shorten(line) });
});
child.on('exit', (code) => {
  if (code === 0) fs.writeFileSync(path.join(root, 'docs', 'blocked.svg'), draw(lines));
  process.exitCode = code;
});
