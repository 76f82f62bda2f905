'use strict';

/**
 * Measures the cost of each part of the package, see prices/child.js. The processes of all cases run at once and take turns of a
 * fraction of a second, so that other load on the machine affects all of them.
 */

const { fork } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');

const { cpuOf, keepAlive, shoot } = require('./measures/load');
const { prices } = require('./prices/child');

/** The requests in each turn of a server, and how many turns to ignore first. */
const REQUESTS = 3000;
const WARM = 4;

/** Kinds of load: ten connections of autocannon, or 20 keep-alive connections of an `http.Agent`. */
const loads = { autocannon: (port) => shoot(port, { amount: REQUESTS }), agent: (port) => keepAlive(port, REQUESTS) };

/** Runs a turn of a child. Resolves to the CPU time per request in microseconds, or the time of an operation in nanoseconds. */
async function turn({ child, port }, load) {
  if (port === undefined) {
    child.send('turn');
    return (await once(child, 'message'))[0].time;
  }
  const before = await cpuOf(child);
  await loads[load](port);
  return ((await cpuOf(child)) - before) / REQUESTS;
}

/** Measures the cases of a measure. Resolves to the values of all rounds, by case. */
async function measureCases(node, subject, measure, rounds) {
  const { cases, measures } = prices[subject];
  const children = [];
  for (const name of Object.keys(cases)) {
    const child = fork(path.join(__dirname, 'prices', 'child.js'), [subject, measure, name], { execPath: node });
    const [{ port }] = await once(child, 'message');
    children.push({ child, port, name, values: [] });
  }
  for (let round = -WARM; round < rounds; round++) {
    for (const child of children) child.values.push(await turn(child, measures[measure].load));
  }
  for (const { child } of children) child.disconnect();
  return Object.fromEntries(
    children.map(({ name, values }) => [name, values.slice(WARM).map((value) => Number(value.toPrecision(4)))]),
  );
}

/**
 * Measures with one Node.js.
 * @param {string} node the path of its binary
 * @param {string[]} subjects of prices/child.js
 * @param {number} rounds
 * @param {(measure: string, subject: string) => void} tick called after each measure
 * @returns {Promise<Record<string, Record<string, Record<string, number[]>>>>} the values of the rounds, by subject, measure and case
 */
async function measurePrices(node, subjects, rounds, tick) {
  const measured = {};
  for (const subject of subjects) {
    measured[subject] = {};
    for (const measure of Object.keys(prices[subject].measures)) {
      measured[subject][measure] = await measureCases(node, subject, measure, rounds);
      tick(measure, subject);
    }
  }
  return measured;
}

module.exports = { measurePrices, prices };
