'use strict';

/**
 * What several copies of this package in a thread share: a library and an application may bring one each, and their
 * namespaces and the engine are to be the same.
 *
 * A copy that goes its own way leaves its version, and a function that loads its entry points, in a list on `process`. A copy
 * that is loaded later hands out the exports of the first one in the list that has all its own have: one of the same minor
 * version, or of a later one, as semantic versioning has it. If there are only older ones, it goes its own way too, for
 * names would be missing from their exports, and the process is warned. Other major versions have lists of their own.
 *
 * Version 1.0.0 has no list. It leaves its exports on `process` under a symbol for each entry point, and takes what it finds
 * there for its own: that is why the first copy leaves its exports there, too.
 *
 * This file belongs to no folder, since it stands above them all: it loads the API and each integration, and the entry points
 * load it.
 */

const { version } = require('../package.json');

/** The parts of a version: major, minor, and what follows a hyphen. */
function parse(text) {
  const [, major, minor, prerelease] = /^(\d+)\.(\d+)\.\d+(-[^+]*)?/.exec(text);
  return { major, minor: Number(minor), prerelease };
}

const { major, minor, prerelease } = parse(version);

const kCopies = Symbol.for(`context.copies.v${major}`);

/** Where copies without a list leave their exports, by the entry point. */
const kExports = { __proto__: null, index: Symbol.for(`context.v${major}`), cls: Symbol.for(`context.cls.v${major}`) };

/** What makes the exports of the entry points, by their names, which copies of other versions use too: they stay as they are. */
const makers = {
  __proto__: null,
  index() {
    const { bind, createNamespace, destroyNamespace, engine, getNamespace, publish, snapshot, stats } = require('./foundation');
    publish();
    return { bind, createNamespace, destroyNamespace, engine: engine.name, getNamespace, snapshot, stats };
  },
  'async-context': () => require('./integrations/async-context/exports'),
  cls: () => require('./integrations/cls/exports'),
  domain: () => require('./integrations/domain/exports'),
  http: () => require('./integrations/http/exports'),
  profiler: () => require('./observing/profiler/profiler'),
  watchdog() {
    const { start } = require('./observing/watchdog/watchdog');
    return { start };
  },
  usage() {
    const { start } = require('./observing/usage/usage');
    return { start };
  },
  // A program that has no @opentelemetry/api could not be bundled if this was seen. The entry point has it written out.
  opentelemetry: () => require('./util/bundle').requireUnbundled('lib/integrations/opentelemetry/exports.js'),
};

/** The exports that this copy has made. They stay what they are if it is loaded again because a cache of modules was emptied. */
const made = { __proto__: null };

function make(name) {
  made[name] ??= makers[name]();
  return made[name];
}

/** This copy, as others see it. It must stay what it is for as long as the major version is the same. */
const own = Object.freeze({
  __proto__: null,

  /** Of package.json. */
  version,

  /**
   * Loads an entry point.
   *
   * @param {string} name index, async-context, cls, domain, http, opentelemetry, profiler, usage, watchdog
   * @returns {object} its exports
   * @throws {Error} with code MODULE_NOT_FOUND if this copy is in a bundle without that entry point
   */
  load: make,
});

/** Whether all that this copy exports is there in a copy of another version. */
function suffices(other) {
  if (other === version) return true;
  const parsed = parse(other);
  return prerelease === undefined && parsed.prerelease === undefined && parsed.minor >= minor;
}

/** The copy whose exports are handed out; undefined if that is this one, and it is not in the list yet. */
function find() {
  return process[kCopies]?.find((copy) => suffices(copy.version));
}

/** Puts this copy into the list. */
function register() {
  const { index, cls } = kExports;
  const isFirst = process[kCopies] === undefined;
  const isBesideUnlisted = isFirst && (process[index] !== undefined || process[cls] !== undefined);
  if (isFirst) Object.defineProperty(process, kCopies, { __proto__: null, value: [] });
  const others = process[kCopies].map((copy) => copy.version);
  process[kCopies].push(own);
  if (isFirst && !isBesideUnlisted) {
    for (const name of ['index', 'cls']) {
      Object.defineProperty(process, kExports[name], { __proto__: null, get: () => make(name) });
    }
    return;
  }
  process.emitWarning(
    `The package context is loaded in version ${version}, from a copy beside one of version ` +
      `${isBesideUnlisted ? '1.0.0' : others.join(', ')} that was loaded before. That lacks what is new, so that each copy has ` +
      `namespaces and an engine of its own. Have one version installed (npm ls context; npm dedupe), or load the newer one first.`,
    { type: 'ContextWarning', code: 'CONTEXT_COPIES' },
  );
}

/**
 * The exports of an entry point: those of the copy that was loaded first, if its version allows, else this copy's.
 *
 * @param {string} name index, async-context, cls, domain, http, opentelemetry, profiler, usage, watchdog
 * @param {() => object} [maker] what makes the exports of this copy, for those that are not made here
 * @returns {object}
 */
function exportsOf(name, maker = makers[name]) {
  makers[name] = maker;
  const copy = find();
  if (copy === undefined) {
    const exports = make(name);
    // Not before: a copy that does not load, having no binary, is of no use to others.
    register();
    return exports;
  }
  try {
    return copy.load(name);
  } catch (error) {
    // It does not find @opentelemetry/api from where it is installed: that is a peer, and not for all to have.
    if (copy !== own && error.code === 'MODULE_NOT_FOUND') return make(name);
    throw error;
  }
}

module.exports = { exportsOf };
