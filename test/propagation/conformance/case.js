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
 * @property {Record<string, string>} [untold] by label the reason why the core does not know what is active, while somebody
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
async function stepThrough(iterable, step, label) {
  // eslint-disable-next-line no-unused-vars
  for await (const item of iterable) step(label);
}

module.exports = { cases, prepared, stepThrough };
