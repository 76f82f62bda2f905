'use strict';

/**
 * Measures what a part of the package costs, on each release of Node.js, and prints the table of its page in docs/; `--write` puts it there:
 *
 *   node bench/prices.js requests   an id for each HTTP request that its code can look up: CPU time a request
 *   node bench/prices.js usage      counting usage: CPU time a request, and the time of an `await`, off, with hooks alone, and on
 *   node bench/prices.js watchdog   exposed keys and the watchdog: the time of a context, of `set` and of `await`
 *   node bench/prices.js profiler   the profiler: CPU time a request, off, and its ratio to that
 *
 * The processes of all cases are there at once and take turns of a fraction of a second, so that whatever else the machine does hits them
 * alike. Shown are medians of the rounds; ratios and differences are calculated in each round by itself.
 */

require('../tools/prepare');

const { fork } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');

const { choice, flag, number, readOptions } = require('../tools/support/options');
const { forEachRelease, nodeOption } = require('../tools/support/releases');
const { quantile } = require('../tools/support/statistics');
const { table, writeParts } = require('../tools/support/table');
const { cpuOf, shoot } = require('./measures/load');
const { prices } = require('./prices/child');

/** In each turn of a server; and the turns that come first and are not counted. */
const REQUESTS = 3000;
const WARM = 4;

const median = (values) => quantile(values, 0.5);
const ratio = ([first], values) => median(values.map((value, round) => value / first[round])).toFixed(2);
const difference = ([first], values) => median(values.map((value, round) => value - first[round]));
const signed = (value) => `${value < 0 ? '' : '+'}${value.toFixed(1)}`;

/** The cells of all cases: a median, and in parentheses what another one is compared with the first. */
const cellsOf = (all, digits, compare) =>
  all.map((values, index) => `${median(values).toFixed(digits)}${index === 0 ? '' : ` (${compare(all, values)})`}`);

/** The tables: `measured` has for each release, by the name of a measure, the values of all cases, an array for each. */
const tables = {
  requests(measured, cases) {
    const columns = measured.map(({ values }) => cellsOf(values.request, 1, (...both) => signed(difference(...both))));
    const rows = cases.map((name, index) => [name, ...columns.map((column) => column[index])]);
    return table(['µs of CPU time a request', ...measured.map(({ major }) => `Node.js ${major}`)], rows);
  },

  usage(measured, cases) {
    const rowOf = ([name, all]) => [name, ...cellsOf(all, name.endsWith('ns') ? 0 : 1, ratio)];
    const rows = measured.flatMap(({ title, values }) => [[title], ...Object.entries(values).map(rowOf)]);
    return table(['', ...cases], rows);
  },

  watchdog(measured, cases) {
    const rows = measured.flatMap(({ title, values }) => {
      const best = (index) => Object.values(values).map((all) => Math.min(...all[index]).toFixed(0));
      return [[title], ...cases.map((name, index) => [name, ...best(index)])];
    });
    return table(['ns', ...Object.keys(measured[0].values)], rows);
  },

  profiler(measured, [, ...cases]) {
    const rows = measured.map(({ title, values: { request: all } }) => {
      return [title, median(all[0]).toFixed(1), ...all.slice(1).map((values) => ratio(all, values))];
    });
    return table(['CPU time a request', 'off, µs', ...cases], rows);
  },
};

/** One turn of a child: the microseconds of CPU time a request, or the nanoseconds of an operation. */
async function turn({ child, port }) {
  if (port === undefined) {
    child.send('turn');
    return (await once(child, 'message'))[0].time;
  }
  const before = await cpuOf(child);
  await shoot(port, { amount: REQUESTS });
  return ((await cpuOf(child)) - before) / REQUESTS;
}

/** For each case of a measure the values of all rounds. */
async function measureCases({ node, flags }, subject, measure, { rounds, interval }) {
  const children = [];
  for (const name of Object.keys(prices[subject].cases)) {
    const args = [subject, measure, name, String(interval)];
    const child = fork(path.join(__dirname, 'prices', 'child.js'), args, { execPath: node, execArgv: flags });
    const [{ port }] = await once(child, 'message');
    children.push({ child, port, values: [] });
  }
  for (let round = -WARM; round < rounds; round++) {
    for (const child of children) child.values.push(await turn(child));
  }
  for (const { child } of children) child.disconnect();
  return children.map(({ values }) => values.slice(WARM));
}

async function main() {
  const options = {
    ...{ rounds: number(30, { least: 1 }), node: nodeOption(), write: flag() },
    interval: number(1, { whole: false }),
  };
  const {
    word: subject,
    node: majors,
    write,
    ...effort
  } = readOptions(options, { word: choice('requests', Object.keys(tables)) });
  const { cases, measures } = prices[subject];
  const measured = [];
  await forEachRelease(majors, async (release) => {
    // An id costs the same with the other engine.
    if (subject === 'requests' && release.flags.length > 0) return;
    const values = {};
    for (const name of Object.keys(measures)) values[name] = await measureCases(release, subject, name, effort);
    measured.push({ ...release, values });
    console.error(`${release.title}: done`);
  });
  const made = tables[subject](measured, Object.keys(cases));
  console.log(made);
  const [page, part] = subject === 'requests' ? ['http', 'requests'] : [subject, 'price'];
  if (write) writeParts(`${page}.md`, { [part]: made });
}

main();
