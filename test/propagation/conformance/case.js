'use strict';

/**
 * A way in which Node.js calls back.
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {Start} start starts an operation of one unit of work, in its contexts; several units start at a time
 * @property {(after: (cleanup: Function) => void) => unknown} [prepare] called once, outside of all contexts
 * @property {boolean} [entersItself] whether `start` is called outside of all contexts, to enter them by `within`
 * @property {Record<string, string>} [loses] by label the reason why AsyncLocalStorage does not have the unit's store
 *   in this step, on some Node.js or on all
 * @property {Record<string, string>} [unknown] by label the reason why the core does not know what is active, while somebody
 *   observes
 *
 * @typedef {(step: (label: string) => void, more: {
 *   shared: unknown, within: (callback: Function) => unknown, owner: number, done: Function,
 * }) => unknown} Start calls `step` in each callback, and returns a promise of the end, or calls `done` there. `shared` is what
 *   `prepare` returned, `owner` the number of the unit
 */

const asCase = (one) => (typeof one === 'function' ? { start: one } : one);

/**
 * @param {Record<string, Start | Omit<Case, 'name'>>} byName
 * @returns {Case[]}
 */
function cases(byName) {
  return Object.entries(byName).map(([name, one]) => ({ name, ...asCase(one) }));
}

/** The same cases, each of which is prepared by a function. */
function prepared(prepare, byName) {
  return Object.fromEntries(Object.entries(byName).map(([name, one]) => [name, { prepare, ...asCase(one) }]));
}

/** Goes through what an iterator yields, with a step for each. */
async function stepThrough(iterable, step, label = 'loop') {
  // eslint-disable-next-line no-unused-vars
  for await (const item of iterable) step(label);
}

/** Has a step at each of some events of an emitter. Returns a promise, which the last of the events resolves. */
function stepsAt(emitter, step, ...events) {
  const last = events.at(-1);
  return new Promise((resolve) => {
    for (const event of events) {
      emitter.on(event, () => {
        step(event);
        if (event === last) resolve();
      });
    }
  });
}

/** Calls a function that calls back, with a step there. */
const stepIn = (call, step, label = 'callback') => new Promise((resolve) => call(() => resolve(step(label))));

/** Calls functions that call back, each in the callback of the one before, with steps there. */
function stepsIn(calls, step, { done }) {
  const next = ([first, ...others]) => {
    if (first === undefined) return done();
    const [label, call] = first;
    call(() => {
      step(label);
      next(others);
    });
  };
  next(Object.entries(calls));
}

/** A start that awaits something. */
const awaiting = (make) => async (step, more) => {
  await make(step, more);
  step('awaited');
};

/** A start of what calls back, which does the same once more in the callback. */
const nesting =
  (start) =>
  (step, { done }) =>
    start(() => {
      step('callback');
      start(() => done(step('nested')));
    });

const turn = () => new Promise((resolve) => setImmediate(resolve));

module.exports = { awaiting, cases, nesting, prepared, stepIn, stepThrough, stepsAt, stepsIn, turn };
