'use strict';

/** What `npm run test:clients` writes into docs/clients.md. */

const { table } = require('../support/table');
const { CASES, caseOf } = require('./cases');
const { regionsOf } = require('./regions');
const { REQUESTS } = require('./requests');

const TELEMETRY = 'OpenTelemetry';
const KINDS = ['promise', 'callback', 'events'];

/** How a client is called in the docs, with its version if that is given. */
function titleOf({ client, beside }, version) {
  return [client, version, beside && `with ${beside}`].filter(Boolean).join(' ');
}

/** One number, or from the least to the most if the releases differ. */
function span(numbers) {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return least === most ? String(least) : `${least} to ${most}`;
}

/** How many of 100 requests were right on all releases, and how many saw the id of another one. */
function cell(counts) {
  const right = span(counts.map((count) => count.right));
  const wrong = counts.map((count) => count.wrong);
  return Math.max(...wrong) === 0 ? right : `${right} (${span(wrong)} wrong)`;
}

/** The heading of a case: its client, and what releases it is for if it is not for all. */
function headingOf(name, { version }) {
  const { since } = caseOf(name);
  return titleOf(caseOf(name), version) + (since ? ` (Node.js ${since} and later)` : '');
}

/** What becomes of one kind of API of a client, unrepaired. */
function fateOf(kind, runs) {
  const results = runs.flatMap((run) => run.results).filter((result) => result.kind === kind);
  if (results.length === 0) return '';
  const isKept = ({ plain }) => plain.ours.right === REQUESTS;
  if (results.every(isKept)) return 'kept';
  return results.some(isKept) ? 'some lost' : 'lost';
}

/**
 * One line for each client.
 *
 * @param {Record<string, Array<{ version: string, results: object[] }>>} measured what was measured of each case, a run for each release
 * @returns {string} a table
 */
function summaryOf(measured) {
  const rows = Object.entries(measured).map(([name, runs]) => {
    const [{ version, results }] = runs;
    const repairs = new Set(results.map(({ by }) => by).filter(Boolean));
    return [titleOf(caseOf(name)), version, ...KINDS.map((kind) => fateOf(kind, runs)), [...repairs].join(', ')];
  });
  return table(['client', 'version', 'promises', 'callbacks, tasks', 'events, listeners', 'repaired by'], rows);
}

/**
 * One line for each API.
 *
 * @param {Record<string, Array<{ version: string, results: object[] }>>} measured as for `summaryOf`
 * @returns {string} a table
 */
function tableOf(measured) {
  const rows = [];
  for (const [name, runs] of Object.entries(measured)) {
    rows.push([headingOf(name, runs[0])]);
    for (const [index, { api, by }] of runs[0].results.entries()) {
      const results = runs.map((run) => run.results[index]);
      rows.push([
        api,
        cell(results.map(({ plain }) => plain.ours)),
        cell(results.map(({ plain }) => plain.theirs)),
        by ?? '',
        by === undefined ? '' : cell(results.map(({ repaired }) => repaired.ours)),
      ]);
    }
  }
  return table(['client, API', 'kept by us', 'kept by AsyncLocalStorage', 'repaired by', 'after the repair'], rows);
}

const block = (code) => `\`\`\`js\n${code}\n\`\`\``;

/** The part of the docs that shows how to repair each API, by the code that is measured. */
function repairsOf() {
  const parts = [];
  for (const name of CASES) {
    const regions = regionsOf(`cases/${name}.js`);
    if (regions.length === 0) continue;
    parts.push(`### ${titleOf(caseOf(name))}`);
    for (const { labels, code } of regions) parts.push(`${labels.join('; ')}:`, block(code));
  }
  return parts.join('\n\n');
}

/** The part of the docs that shows how OpenTelemetry is set up. */
const telemetryOf = () => block(regionsOf('instrument.js')[0].code);

/** What the docs do not show: APIs with a repair that have no region; or show for nothing: regions that no API has. */
function unshownOf(name, results) {
  const shown = new Set(regionsOf(`cases/${name}.js`).flatMap(({ labels }) => labels));
  const repairs = results.filter(({ by }) => by !== undefined && by !== TELEMETRY).map(({ api, by }) => `${api}, by ${by}`);
  return [
    ...repairs.filter((label) => !shown.has(label)).map((label) => `there is no //#region ${label}`),
    ...[...shown].filter((label) => !repairs.includes(label)).map((label) => `//#region ${label} shows no repair`),
  ];
}

module.exports = { TELEMETRY, repairsOf, summaryOf, tableOf, telemetryOf, unshownOf };
