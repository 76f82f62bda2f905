'use strict';

const { ratioOf, rowsOf, timeOf } = require('./figures');
const { nameOf } = require('./subjects');

const HOOKS = 'async-hooks';
const FRAME = 'async-context-frame';
const [BARE, ALS, CLS] = ['bare', 'AsyncLocalStorage', 'cls-hooked'];

/**
 * What this package is to reach, with the engine that it chooses: by that engine, a figure's highest ratio to that of a
 * peer, or if there is no peer, its highest value. `subject` is given if it is not this package in use.
 */
const goals = [
  { figure: 'await', count: 1, of: ALS, limits: { [HOOKS]: 0.7 } },
  { figure: 'await', count: 1, of: BARE, limits: { [FRAME]: 1.02 } },
  { figure: 'await', count: 1, subject: 'context, after a store', of: ALS, limits: { [HOOKS]: 1.6 } },
  { figure: 'await', count: 1, subject: 'context, before a store', of: ALS, limits: { [HOOKS]: 1.6 } },
  { figure: 'then', count: 1, of: ALS, limits: { [HOOKS]: 0.8 } },
  { figure: 'then', count: 1, of: BARE, limits: { [FRAME]: 1.02 } },
  { figure: 'then', count: 1, subject: 'context, after a store', of: ALS, limits: { [HOOKS]: 1.5 } },
  { figure: 'then', count: 1, subject: 'context, before a store', of: ALS, limits: { [HOOKS]: 1.5 } },
  { figure: 'nextTick', count: 1, of: ALS, limits: { [HOOKS]: 1.25 } },
  { figure: 'nextTick', count: 1, of: BARE, limits: { [FRAME]: 1.02 } },
  { figure: 'setTimeout', count: 1, of: ALS, limits: { [HOOKS]: 1.3 } },
  { figure: 'setTimeout', count: 1, of: BARE, limits: { [FRAME]: 1.02 } },
  { figure: 'await', count: 5, of: ALS, limits: { [HOOKS]: 0.35 } },
  { figure: 'await', count: 5, of: BARE, limits: { [FRAME]: 1.02 } },
  { figure: 'then', count: 5, of: ALS, limits: { [HOOKS]: 0.5 } },
  { figure: 'nested', count: 10, of: ALS, limits: { [HOOKS]: 1.3, [FRAME]: 0.25 } },
  { figure: 'get', count: 1, of: ALS, limits: { [HOOKS]: 0.5, [FRAME]: 1 } },
  { figure: 'unit', count: 1, of: ALS, limits: { [HOOKS]: 1.3, [FRAME]: 0.9 } },
  { figure: 'bound', count: 1, of: ALS, limits: { [FRAME]: 1.1 } },
  { figure: 'cpu', count: 3, of: ALS, limits: { [HOOKS]: 0.75, [FRAME]: 1 } },
  { figure: 'cpu', count: 3, of: CLS, limits: { [HOOKS]: 0.35, [FRAME]: 0.2 } },
  { figure: 'await', count: 1, subject: 'loaded', of: BARE, limits: { [HOOKS]: 1, [FRAME]: 1 } },
  { figure: 'then', count: 1, subject: 'loaded', of: BARE, limits: { [HOOKS]: 1, [FRAME]: 1 } },
  { figure: 'cpu', count: 3, subject: 'loaded', of: BARE, limits: { [HOOKS]: 1, [FRAME]: 1 } },
  { figure: 'context', count: 1, limits: { [HOOKS]: 400, [FRAME]: 400 } },
];

/** What Node.js takes by itself for what carries a context: hooks that do nothing, or nothing at all. */
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
