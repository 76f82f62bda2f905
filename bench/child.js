'use strict';

/**
 * One measure of one subject, in a process of its own, for an enabled hook changes everything after it: forked by
 * run.js with `{ "subject", "count", "measure", "effort" }` as its argument. It sends the figures to its parent.
 */

const catalogue = require('./catalogue');
const { subjects } = require('./subjects');

/** What measures each group. It is loaded when it is needed, for it would count in the figures of memory. */
const groups = {
  carrying: (...job) => require('./measures/timed').timed(...job),
  using: (...job) => require('./measures/timed').timed(...job),
  serving: (...job) => require('./measures/server').serve(...job),
  logging: (...job) => require('./measures/logging').serve(...job),
  stack: (...job) => require('./measures/depth').depth(...job),
  memory: (...job) => require('./measures/memory').memory(...job),
};

async function main({ subject, count, measure: measureName, effort }) {
  const measure = catalogue.find(({ name }) => name === measureName);
  const setUp = () => subjects[subject].setUp(count);
  process.send(await groups[measure.group](setUp, measure, effort));
}

main(JSON.parse(process.argv[2]));
