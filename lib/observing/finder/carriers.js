'use strict';

/** What carries a context to where it is lost: the resource in whose callback that happens, and the code that made it. */

const { createHook, executionAsyncResource } = require('node:async_hooks');

const { makeHiddenField } = require('../../util/hidden-field');
const { APPLICATION, placeOf, show } = require('./places');

/** How many calls around the creation of a resource are examined. */
const CALLS = 14;

/** Resources that only pass on the context of what made them, if it is the same. */
const PASSING = new Set(['PROMISE', 'TickObject', 'Microtask', 'Immediate']);

/** @returns {() => string | undefined} describes the carrier of the active context */
function createCarriers(view, { kindOf, stackOf }, units) {
  const carrierOf = makeHiddenField();

  function makeCarrier(type) {
    const calls = stackOf(init, CALLS).map((call) => ({ call, kind: kindOf(call.getFileName()) }));
    // Packages have a string.
    const made = calls.find(({ kind }) => kind === APPLICATION || typeof kind === 'string');
    const ofApplication = calls.find(({ kind }) => kind === APPLICATION);
    const places = [made !== ofApplication && ['by', made], ['for', ofApplication]].filter((place) => place?.[1]);
    return { type, places: places.map(([word, { call }]) => [word, placeOf(call)]) };
  }

  function init(asyncId, type, trigger, resource) {
    try {
      const snapshot = view.current();
      const outer = carrierOf.get(executionAsyncResource());
      const isPassing = PASSING.has(type) && outer !== undefined && outer.snapshot === snapshot;
      carrierOf.set(resource, isPassing ? outer : { ...makeCarrier(type), snapshot });
    } catch {
      // The stack is full.
    }
  }

  createHook({ init }).enable();

  return () => {
    const { type, places, snapshot } = carrierOf.get(executionAsyncResource()) ?? {};
    if (type === undefined) return undefined;
    const made = places.map(([word, place]) => ` ${word} ${show(units.authoredCall(place))}`).join('');
    return `carried by a ${type} that was made${made} in ${view.label(snapshot)}`;
  };
}

module.exports = { createCarriers };
