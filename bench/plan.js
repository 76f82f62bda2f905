'use strict';

const catalogue = require('./catalogue');
const { subjects } = require('./subjects');

/**
 * How much is done for a figure.
 *
 *   rounds     how often all of it is measured
 *   time       milliseconds for which an operation is timed
 *   seconds    for which requests are sent to a server
 *   requests   after which the resident memory is read
 */
const efforts = {
  full: { rounds: 5, time: 100, seconds: 1.2, requests: 1_000_000 },
  quick: { rounds: 1, time: 20, seconds: 0.3, requests: 20_000 },
};

/** The names that `--only` takes. */
const selectable = [...new Set(catalogue.flatMap(({ name, group }) => [group, name]))];

function jobsOf(measure, engines, round) {
  if (measure.once && round > 0) return [];
  const running = Object.entries(subjects).filter(([, { engine }]) => engine === undefined || engines.includes(engine));
  return measure.counts.flatMap((count, i) =>
    running
      .filter(([, { counted }]) => counted || i === 0)
      .filter(([, { counted }]) => counted || measure.group !== 'using')
      .filter(([, { isBeside }]) => !isBeside || (measure.beside && count === 1))
      .map(([subject, { counted }]) => ({ round, measure: measure.name, subject, count: counted ? count : 0 })),
  );
}

/**
 * What has to be measured with one Node.js, in order: each measure with the subjects in turn, so that whatever else
 * the machine is doing hits all of them alike, in several rounds.
 *
 * @param {string[]} engines that this Node.js has
 * @param {{ rounds: number }} effort
 * @param {string[]} only names of measures and of groups; all if there are none
 * @returns {{ round: number, measure: string, subject: string, count: number }[]} `count` is the number of namespaces,
 *   0 for subjects that have none
 */
function plan(engines, { rounds }, only) {
  const isAsked = ({ name, group }) => only.length === 0 || only.includes(name) || only.includes(group);
  const measures = catalogue.filter(isAsked);
  const inRound = (_, round) => measures.flatMap((measure) => jobsOf(measure, engines, round));
  return Array.from({ length: rounds }, inRound).flat();
}

module.exports = { efforts, plan, selectable };
