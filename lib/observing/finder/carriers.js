'use strict';

/** What carries a context to where it is lost: the resource in whose callback that happens, and the code that made it. */

const { createHook, executionAsyncId } = require('node:async_hooks');

const { APPLICATION, NODE, OWN, UNKNOWN, placeOf, shorten } = require('./places');

/** How many resources are remembered, and how many calls around each are examined. */
const MOST = 100_000;
const CALLS = 14;

/** Resources that only pass on what made them. */
const PASSING = new Set(['PROMISE', 'TickObject', 'Microtask', 'Immediate']);

const at = ({ file, line, column }) => `${shorten(file)}:${line}:${column}`;

/**
 * @param {object} view
 * @param {object} places
 * @returns {() => string | undefined} describes the carrier of the active context
 */
function createCarriers(view, { kindOf, stackOf }) {
  // Two generations: deleting the oldest entries one by one takes long.
  let resources = new Map();
  let older = new Map();
  const find = (id) => resources.get(id) ?? older.get(id);

  function init(asyncId, type, trigger) {
    if (resources.size >= MOST) [resources, older] = [new Map(), resources];
    if (PASSING.has(type)) {
      resources.set(asyncId, trigger);
      return;
    }
    let made;
    let ofApplication;
    for (const call of stackOf(init, CALLS)) {
      const kind = kindOf(call.getFileName());
      if (kind === APPLICATION) {
        ofApplication = placeOf(call);
        break;
      }
      if (kind !== NODE && kind !== OWN && kind !== UNKNOWN) made ??= placeOf(call);
    }
    resources.set(asyncId, { type, made, ofApplication, snapshot: view.current() });
  }

  createHook({
    init(...args) {
      try {
        init(...args);
      } catch {
        // The stack is full.
      }
    },
  }).enable();

  return () => {
    let found = find(executionAsyncId());
    for (let steps = 0; typeof found === 'number' && steps < 50; steps++) found = find(found);
    if (found === undefined || typeof found === 'number') return undefined;
    const { type, made, ofApplication, snapshot } = found;
    const places = [made && ` by ${at(made)}`, ofApplication && ` for ${at(ofApplication)}`].filter(Boolean).join('');
    return `carried by a ${type} that was made${places} in ${view.label(snapshot)}`;
  };
}

module.exports = { createCarriers };
