'use strict';

/** What carries a context to where it is lost: the resource in whose callback that happens, and the code that made it. */

const { createHook, executionAsyncId } = require('node:async_hooks');

const { APPLICATION, NODE, OWN, UNKNOWN, placeOf, shorten } = require('./places');

/** How many resources are remembered, and how many calls around each are examined. */
const MOST = 100_000;
const CALLS = 14;

const at = ({ file, line, column }) => `${shorten(file)}:${line}:${column}`;

/**
 * @param {object} view
 * @param {object} places
 * @returns {() => string | undefined} describes the carrier of the active context
 */
function createCarriers(view, { kindOf, stackOf }) {
  const resources = new Map();

  function init(asyncId, type, trigger) {
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
    if (resources.size >= MOST) resources.delete(resources.keys().next().value);
    resources.set(asyncId, { type, trigger, made, ofApplication, snapshot: view.current() });
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
    for (let id = executionAsyncId(), steps = 0; steps < 50; steps++) {
      const found = resources.get(id);
      if (found === undefined) return undefined;
      const { type, trigger, made, ofApplication, snapshot } = found;
      if (type !== 'PROMISE' && type !== 'TickObject' && type !== 'Microtask' && type !== 'Immediate') {
        const places = [made && ` by ${at(made)}`, ofApplication && ` for ${at(ofApplication)}`].filter(Boolean).join('');
        return `carried by a ${type} that was made${places} in ${view.label(snapshot)}`;
      }
      id = trigger;
    }
    return undefined;
  };
}

module.exports = { createCarriers };
