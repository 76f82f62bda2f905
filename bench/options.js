'use strict';

const { readOptions } = require('../scripts/support/options');
const { efforts, selectable } = require('./plan');

const USAGE = `Usage: npm run bench -- [options]

  --node 20,22,24    measure with the latest release of these major versions of Node.js, from the registry
  --only names       measure these only, separated by commas:
                     ${selectable.slice(0, 10).join(', ')},
                     ${selectable.slice(10).join(', ')}
  --rounds number    how often, ${efforts.full.rounds} if it is not said
  --quick            in less than a minute for one Node.js: figures that show no more than that all of it works
  --json file        write the results to a file, - for standard output in place of the tables`;

const listOf = (text) => text?.split(',').map((item) => item.trim()) ?? [];

const OPTIONS = {
  json: { type: 'string' },
  node: { type: 'string' },
  only: { type: 'string' },
  quick: { type: 'boolean', default: false },
  rounds: { type: 'string' },
};

function parse({ json, node, only, quick, rounds }) {
  const majors = listOf(node);
  const wrong = majors.find((major) => !/^\d+$/.test(major) || Number(major) < 20);
  if (wrong !== undefined) throw new TypeError(`--node takes major versions from 20 on, as in 20,22, but not '${wrong}'`);
  const names = listOf(only);
  const unknown = names.find((name) => !selectable.includes(name));
  if (unknown !== undefined) throw new TypeError(`--only takes names of measures and of groups of them, but not '${unknown}'`);
  const effort = { ...(quick ? efforts.quick : efforts.full) };
  if (rounds !== undefined) {
    if (!/^[1-9]\d*$/.test(rounds)) throw new TypeError(`--rounds takes a number from 1 on, but not '${rounds}'`);
    effort.rounds = Number(rounds);
  }
  return { majors: majors.map(Number), only: names, quick, effort, json };
}

/**
 * Reads the command line. If it is wrong, says so and ends the process.
 *
 * @returns {{ majors: number[], only: string[], quick: boolean, effort: object, json: string | undefined }} no majors for
 *   the running Node.js; for the effort see plan.js
 */
const benchOptions = () => readOptions(USAGE, OPTIONS, parse);

module.exports = { benchOptions };
