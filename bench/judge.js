'use strict';

const { ratioOf, rowsOf, timeOf } = require('./figures');
const goals = require('./goals');
const { nameOf } = require('./subjects');

/** What Node.js itself takes to carry a context, so that nobody can take less. */
const FLOORS = { 'async-hooks': 'empty hooks', 'async-context-frame': 'bare' };

const toHundredths = (value) => Math.round(value * 100) / 100;

function verdictOn({ median, low }, limit) {
  if (toHundredths(median) <= limit) return 'met';
  return toHundredths(low) <= limit ? 'in the spread' : 'missed';
}

/**
 * Holds what was measured with one Node.js against the goals for the engine that it has.
 *
 * @param {{ engine: string, figures: object[] }} run
 * @returns {{ row: object, subject: string, of?: string, limit: number, measured: object, floor?: number,
 *   verdict: string }[]} one for each goal whose figures are there. `floor` is the ratio of Node.js' own price to the
 *   same peer; the verdict is `met`, `in the spread` if a quarter of the rounds have met it, or `missed`
 */
function judge(run) {
  const rows = rowsOf(run);
  const own = nameOf(run.engine);
  const verdicts = [];
  for (const { figure, count, subject = own, of, limits } of goals) {
    const limit = limits[run.engine];
    const row = rows.find((one) => one.figure === figure && one.count === count);
    if (limit === undefined || row === undefined) continue;
    const measured = of ? ratioOf(run, row, subject, of) : timeOf(run, row, subject);
    if (measured === undefined) continue;
    const floor = FLOORS[run.engine];
    const hasFloor = subject === own && of !== undefined && of !== floor;
    verdicts.push({
      row,
      subject,
      of,
      limit,
      measured,
      floor: hasFloor ? ratioOf(run, row, floor, of)?.median : undefined,
      verdict: verdictOn(measured, limit),
    });
  }
  return verdicts;
}

module.exports = { FLOORS, judge };
