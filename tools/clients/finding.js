'use strict';

/**
 * Runs a case under the finder, which was started by --require: `node finding.js <job>`. Sends to its parent what the finder found at each API of
 * the client, as it is and after the repair, and where the code of the API is.
 */

const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');

const { clear, findings } = require('../../lib/observing/finder');
const { name, ports, folder, stores } = JSON.parse(process.argv[2]);
const cases = require('./cases');
const { measure } = require('./requests');
const { setUpStores } = require('./stores');

const load = createRequire(path.join(folder, 'package.json'));
const base = path.join(__dirname, 'cases');
const sources = fs.readdirSync(base).map((file) => ({
  file: path.relative(process.cwd(), path.join(base, file)),
  text: fs.readFileSync(path.join(base, file), 'utf8'),
}));

/** The files and lines of functions. */
function placesOf(functions) {
  return functions.flatMap((each) => {
    const text = each.toString();
    const { file, text: source } = sources.find((other) => other.text.includes(text)) ?? {};
    if (file === undefined) throw new Error(`A function of ${name} has another text than its source:\n${text}`);
    const from = source.slice(0, source.indexOf(text)).split('\n').length;
    return { file, from, to: from + text.split('\n').length - 1 };
  });
}

async function main() {
  const { setUp, rows } = cases[name];
  const beside = stores && setUpStores(stores, load);
  const { stop, ...parts } = await setUp({ load, ports });
  const results = [];
  for (const { api, by, ask, code } of rows) {
    clear();
    await measure(ask, { parts, beside });
    const found = findings();
    clear();
    // The repairs are for namespaces.
    if (by && !beside) await measure(ask, { parts, isRepaired: true });
    results.push({ api, by, found, repaired: findings(), places: placesOf([ask, ...code]) });
  }
  await stop?.();
  return { results };
}

process.on('disconnect', () => process.exit(1));
main().then(
  (result) => process.send(result, () => process.exit()),
  (error) => process.send({ error: error.stack }, () => process.exit(1)),
);
