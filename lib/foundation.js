'use strict';

/**
 * What the integrations, what observes and the entry points stand on: the layers below them, as one. Those who are above this file get
 * at them by it alone.
 *
 * It is loaded once in a thread, also if the cache of modules is emptied and this file runs again (`jest.resetModules()`, an
 * application that reloads itself): an integration that is loaded for the first time after that finds the engine and the
 * classes of the namespaces that there are, and not a second set of them.
 */

const { version } = require('../package.json');
const { isBundled, root } = require('./util/bundle');

const kFoundations = Symbol.for('context.foundations');

function load() {
  const engine = require('./engine');
  const { bind, callIn, callOutside, snapshot } = require('./api/bind');
  const { Context, observerStateOf, serialOf, valuesOf } = require('./api/context');
  const { Namespace, slotOf } = require('./api/namespace');
  const { createNamespace, destroyNamespace, getNamespace, publish, stats } = require('./api/registry');
  const { observeValues, toKey } = require('./api/values');
  const { bindNewListeners } = require('./emitters/listener-binding');
  const { bindEmit } = require('./emitters/emit-binding');
  const { isNodeEmitter, wrapping } = require('./emitters/listeners');
  const { Call, TotalCall, enterCall, leaveCall, reserveStack } = require('./engine/call');
  const { LATE, observe } = require('./engine/tracker');
  const core = require('./frames/binding');
  const { Slot } = require('./frames/slot');
  const { Frame, Snapshot, enter, frameOf, restack, withFrame } = require('./frames/snapshot');
  return Object.freeze({
    __proto__: null,
    Call,
    Context,
    Frame,
    LATE,
    Namespace,
    Slot,
    Snapshot,
    TotalCall,
    bind,
    bindEmit,
    bindNewListeners,
    callIn,
    callOutside,
    core,
    createNamespace,
    destroyNamespace,
    engine,
    enter,
    enterCall,
    frameOf,
    getNamespace,
    isNodeEmitter,
    leaveCall,
    observe,
    observeValues,
    observerStateOf,
    publish,
    reserveStack,
    restack,
    serialOf,
    slotOf,
    snapshot,
    stats,
    toKey,
    valuesOf,
    withFrame,
    wrapping,
  });
}

/** Those of this thread, by the version and the folder of the copy of the package that they are of. */
function foundations() {
  if (process[kFoundations] === undefined)
    Object.defineProperty(process, kFoundations, { __proto__: null, value: { __proto__: null } });
  return process[kFoundations];
}

// A bundle has no folder by which it could be told from another one; nor does anybody empty its cache.
module.exports = isBundled ? load() : (foundations()[`${version} ${root}`] ??= load());
