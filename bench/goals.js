'use strict';

const { ratioOf, rowsOf, timeOf } = require('./figures');
const { nameOf } = require('./subjects');

const HOOKS = 'async-hooks';
const FRAME = 'async-context-frame';
const [BARE, ALS, CLS] = ['bare', 'AsyncLocalStorage', 'cls-hooked'];

/** A goal: a figure with a number of namespaces, its peer, and per engine the highest ratio to the peer, or value without one. */
const goal = (figure, count, of, hooks, frame, subject) => {
  return { figure, count, of, limits: { [HOOKS]: hooks, [FRAME]: frame }, subject };
};
const besides = ['context, after a store', 'context, before a store'];

/** The goals of this package, with the engine that it chooses, or of another `subject`. */
const goals = [
  goal('await', 1, ALS, 0.7),
  goal('await', 1, BARE, undefined, 1.02),
  ...besides.map((subject) => goal('await', 1, ALS, 1.6, undefined, subject)),
  goal('then', 1, ALS, 0.8),
  goal('then', 1, BARE, undefined, 1.02),
  ...besides.map((subject) => goal('then', 1, ALS, 1.5, undefined, subject)),
  goal('nextTick', 1, ALS, 1.25),
  goal('nextTick', 1, BARE, undefined, 1.02),
  goal('setTimeout', 1, ALS, 1.3),
  goal('setTimeout', 1, BARE, undefined, 1.02),
  goal('await', 5, ALS, 0.35),
  goal('await', 5, BARE, undefined, 1.02),
  goal('then', 5, ALS, 0.5),
  goal('nested', 10, ALS, 1.3, 0.25),
  goal('get', 1, ALS, 0.5, 1),
  goal('unit', 1, ALS, 1.3, 0.9),
  goal('bound', 1, ALS, undefined, 1.1),
  goal('cpu', 3, ALS, 0.75, 1),
  goal('cpu', 3, CLS, 0.35, 0.2),
  ...['await', 'then'].map((figure) => goal(figure, 1, BARE, 1, 1, 'loaded')),
  goal('cpu', 3, BARE, 1, 1, 'loaded'),
  goal('context', 1, undefined, 400, 400),
];

/** The cost of propagation in Node.js itself: of hooks that do nothing, or nothing. */
const FLOORS = { [HOOKS]: 'empty hooks', [FRAME]: 'bare' };

const toHundredths = (value) => Math.round(value * 100) / 100;

function verdictOn({ median, low }, limit) {
  if (toHundredths(median) <= limit) return 'met';
  return toHundredths(low) <= limit ? 'in the spread' : 'missed';
}

/**
 * Compares a run with one Node.js with the goals for its engine, if it has their figures. `floor` is the ratio of Node.js' own cost
 * to the same peer; the verdict is `met`, `in the spread` if a quarter of the rounds met it, or `missed`.
 */
function judge(run) {
  const rows = rowsOf(run);
  const own = nameOf(run.engine);
  return goals.flatMap(({ figure, count, subject = own, of, limits }) => {
    const limit = limits[run.engine];
    const row = rows.find((each) => each.figure === figure && each.count === count);
    if (limit === undefined || row === undefined) return [];
    const measured = of ? ratioOf(run, row, subject, of) : timeOf(run, row, subject);
    if (measured === undefined) return [];
    const floor = FLOORS[run.engine];
    const hasFloor = subject === own && of !== undefined && of !== floor;
    const reached = hasFloor ? ratioOf(run, row, floor, of)?.median : undefined;
    return [{ row, subject, of, limit, measured, floor: reached, verdict: verdictOn(measured, limit) }];
  });
}

module.exports = { FLOORS, judge };
