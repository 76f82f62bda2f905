'use strict';

/**
 * Facade: integrations, observers and entry points import the core only from here.
 *
 * Loaded once per thread, even if the module cache is emptied and this file runs again (`jest.resetModules()`, hot reloading):
 * an integration that is first loaded after that uses the existing engine and classes.
 */

const { version } = require('../package.json');
const { isBundled, root } = require('./util/bundle');

const kFoundations = Symbol.for('context.foundations');

function load() {
  const engine = require('./engine');
  const { bind, callIn, detach, snapshot } = require('./api/bind');
  const { isContext, lifetimeOf, observerStateOf, serialOf, valuesOf } = require('./api/context');
  const { Namespace, isNamespace, slotOf } = require('./api/namespace');
  const { createNamespace, destroyNamespace, getNamespace, publish, stats } = require('./api/registry');
  const { observeValues, toKey } = require('./api/values');
  const { bindNewListeners } = require('./emitters/listener-binding');
  const { bindEmit, prepareEmit } = require('./emitters/emit-binding');
  const { isNodeEmitter, wrapping } = require('./emitters/listeners');
  const { Call, TotalCall, enterCall, leaveCall } = require('./engine/call');
  const { BEFORE, END, LATE, observe } = require('./engine/tracker');
  const core = require('./frames/binding');
  const { Slot } = require('./frames/slot');
  const { UNNUMBERED, enter, findFrame, frameOf, restack, withFrame } = require('./frames/snapshot');
  return Object.freeze({
    __proto__: null,
    ...{ core, engine },
    ...{ bind, callIn, detach, snapshot },
    ...{ isContext, lifetimeOf, observerStateOf, serialOf, valuesOf },
    ...{ Namespace, isNamespace, slotOf },
    ...{ createNamespace, destroyNamespace, getNamespace, publish, stats },
    ...{ observeValues, toKey },
    ...{ bindEmit, bindNewListeners, isNodeEmitter, prepareEmit, wrapping },
    ...{ Call, TotalCall, enterCall, leaveCall },
    ...{ BEFORE, END, LATE, observe },
    ...{ Slot, UNNUMBERED, enter, findFrame, frameOf, restack, withFrame },
  });
}

/** The foundations of this thread, by version and folder of the package. */
function foundations() {
  if (process[kFoundations] === undefined)
    Object.defineProperty(process, kFoundations, { __proto__: null, value: { __proto__: null } });
  return process[kFoundations];
}

// Bundles have no folder to distinguish them, and nobody empties their module cache.
module.exports = isBundled ? load() : (foundations()[`${version} ${root}`] ??= load());
