'use strict';

/** The snapshots of async resources, for the engine `async-hooks`. Nothing here may throw. */

const { isPromise } = require('node:util/types');

const { SafeWeakMap } = require('../util/primordials');

/** The property of a resource that holds its snapshot. */
const kSnapshot = Symbol('context.snapshot');

/** The snapshots of resources that accept no property: frozen objects, proxies. */
let keptBeside;

function keep(resource, snapshot) {
  try {
    resource[kSnapshot] = snapshot;
    if (keptBeside === undefined) return;
    keptBeside.delete(resource);
  } catch {
    keepBeside(resource, snapshot);
  }
}

function keepBeside(resource, snapshot) {
  try {
    keptBeside ??= new SafeWeakMap();
    keptBeside.set(resource, snapshot);
  } catch {
    // The stack is full: the callback gets the resource's previous snapshot.
  }
}

function keptBy(resource) {
  if (keptBeside !== undefined && keptBeside.has(resource)) return keptBeside.get(resource);
  try {
    return resource?.[kSnapshot];
  } catch {
    return undefined;
  }
}

/**
 * Stores what a reaction entered on its promise, for the `then` of a returned thenable and for rejection handlers. Other
 * resources keep their snapshot, since they may call back again.
 */
function keepWithPromise(resource, snapshot) {
  if (isPromise(resource)) keep(resource, snapshot);
}

module.exports = { kSnapshot, keep, keepBeside, keepWithPromise, keptBy };
