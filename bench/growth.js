'use strict';

/** `node bench/growth.js`: measures how the time of repeated operations grows with their number. */

require('../tools/prepare');

const { engine } = require('context');

const { cases, measure } = require('../test/memory/growth-cases');
const { table } = require('../tools/support/table');

async function main() {
  console.log(
    `Node.js ${process.version}, ${engine}. Processor time in milliseconds for n, 2n and 4n; linear is a ratio of 4.\n`,
  );
  const rows = [];
  for (const [index, { name, note }] of cases.entries()) {
    const results = await measure(index, { rounds: 3 });
    const [once, , fourfold] = results.map(({ time }) => time);
    const ratio = once === undefined || fourfold === undefined ? '' : (fourfold / once).toFixed(1);
    const times = results.map(({ time, error }) => error ?? time.toFixed(1));
    rows.push([note === undefined ? name : `${name} (${note})`, results[0].size, ...times, ratio]);
  }
  console.log(table(['', 'n', 'n, ms', '2n, ms', '4n, ms', '4n : n'], rows));
}

main();
