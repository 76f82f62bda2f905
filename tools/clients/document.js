'use strict';

/** What `node tools/test-clients.js` writes into docs/clients.md. */

const { table } = require('../support/table');
const cases = require('./cases');
const { REQUESTS } = require('./requests');
const { setUp } = require('./telemetry');

const KINDS = ['promise', 'callback', 'events'];

/** The title of a case in the docs: its client, with the version if that is given. */
function titleOf(name, version) {
  const { client = name, beside } = cases[name];
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

/** What becomes of one kind of API of a client, unrepaired. */
function fateOf(kind, runs) {
  const results = runs.flatMap((run) => run.results).filter((result) => result.kind === kind);
  const kept = results.filter(({ plain }) => plain.ours.right === REQUESTS);
  if (kept.length === results.length) return kept.length === 0 ? '' : 'kept';
  return kept.length > 0 ? 'some lost' : 'lost';
}

/** One line for each client. `measured` has for each case a run for each release, `{ version, results }`. */
function summaryOf(measured) {
  const rows = Object.entries(measured).map(([name, runs]) => {
    const [{ version, results }] = runs;
    const repairs = new Set(results.map(({ by }) => by).filter(Boolean));
    return [titleOf(name), version, ...KINDS.map((kind) => fateOf(kind, runs)), [...repairs].join(', ')];
  });
  return table(['client', 'version', 'promises', 'callbacks, tasks', 'events, listeners', 'repaired by'], rows);
}

/** One line for each API, of what `summaryOf` gets. */
function tableOf(measured) {
  const rows = [];
  for (const [name, runs] of Object.entries(measured)) {
    const { since } = cases[name];
    rows.push([titleOf(name, runs[0].version) + (since ? ` (Node.js ${since} and later)` : '')]);
    for (const [index, { api, by = '' }] of runs[0].results.entries()) {
      const results = runs.map((run) => run.results[index]);
      const plain = ['ours', 'theirs'].map((whose) => cell(results.map((result) => result.plain[whose])));
      rows.push([api, ...plain, by, by && cell(results.map(({ repaired }) => repaired.ours))]);
    }
  }
  return table(['client, API', 'kept by us', 'kept by AsyncLocalStorage', 'repaired by', 'after the repair'], rows);
}

/** Lines without the spaces that all of them begin with. */
function dedent(text) {
  const lines = text.split('\n');
  const depth = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(depth)).join('\n');
}

/** The text of a function: of an arrow function its body alone. */
function codeOf(fn) {
  const text = fn.toString();
  const [head] = /^(async )?\([^]*?\) =>\s+/.exec(text) ?? [''];
  const body = text.slice(head.length);
  if (head !== '' && body.startsWith('{\n')) return dedent(body.slice(2, body.lastIndexOf('\n')));
  const [first, ...rest] = body.split('\n');
  return `${[first, ...(rest.length > 0 ? [dedent(rest.join('\n'))] : [])].join('\n')}${head === '' ? '' : ';'}`;
}

const block = (functions) => `\`\`\`js\n${functions.map(codeOf).join('\n\n')}\n\`\`\``;

/** The part of the docs that shows how to repair each API, by the code that is measured. */
function repairsOf() {
  const parts = [];
  for (const [name, { rows }] of Object.entries(cases)) {
    const labels = new Map();
    for (const { api, by, code } of rows.filter((row) => row.by)) {
      const text = block(code);
      labels.set(text, [...(labels.get(text) ?? []), `${api}, by ${by}`]);
    }
    if (labels.size > 0) parts.push(`### ${titleOf(name)}`);
    for (const [text, all] of labels) parts.push(`${all.join('; ')}:`, text);
  }
  return parts.join('\n\n');
}

/** The part of the docs that shows how OpenTelemetry is set up. */
const telemetryOf = () => `\`\`\`js\n${dedent(setUp.toString().split('\n').slice(1, -1).join('\n'))}\n\`\`\``;

module.exports = { repairsOf, summaryOf, tableOf, telemetryOf };
