'use strict';

/** The parts of the cases that docs/clients.md shows, so that what it shows is what is tested. */

const fs = require('node:fs');
const path = require('node:path');

const FIRST = /^ *\/\/#region (.+)$/;
const LAST = /^ *\/\/#endregion$/;

/** Lines without the spaces that all of them begin with. */
function dedent(lines) {
  const depth = Math.min(...lines.filter((line) => line !== '').map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(depth)).join('\n');
}

/**
 * The regions of a file in this folder. Each is named `//#region <label>`, or has several labels with a semicolon between them.
 *
 * @param {string} file
 * @returns {Array<{ labels: string[], code: string }>} in the order of the file. Regions of the same labels are one
 */
function regionsOf(file) {
  const regions = new Map();
  let lines;
  for (const line of fs.readFileSync(path.join(__dirname, file), 'utf8').split('\n')) {
    const label = FIRST.exec(line)?.[1];
    if (label !== undefined) {
      lines = [];
      regions.set(label, [...(regions.get(label) ?? []), lines]);
    } else if (LAST.test(line)) {
      lines = undefined;
    } else {
      lines?.push(line);
    }
  }
  return Array.from(regions, ([label, parts]) => ({ labels: label.split('; '), code: parts.map(dedent).join('\n\n') }));
}

module.exports = { regionsOf };
