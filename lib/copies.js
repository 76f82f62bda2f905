'use strict';

/**
 * Sharing between several copies of this package in a thread: a library and an application may each bring one, and should have
 * the same namespaces and engine.
 *
 * A list on `process` has the version of each independent copy and a function that loads its entry points. A copy that is
 * loaded later returns the exports of the first listed copy of the same or a later minor version. If all listed copies are
 * older, they may lack exports, so the new copy becomes independent, with a warning. Other major versions have other lists.
 *
 * This file is above all layers: it loads the API and the integrations, and the entry points load it.
 */

const { version } = require('../package.json');

/** Splits a version into major, minor, and prerelease (`-rc.1`). */
function parse(text) {
  const [, major, minor, prerelease] = /^(\d+)\.(\d+)\.\d+(-[^+]*)?/.exec(text);
  return { major, minor: Number(minor), prerelease };
}

const { major, minor, prerelease } = parse(version);

const kCopies = Symbol.for(`context.copies.v${major}`);

/**
 * Creates the exports of entry points. Copies of other versions use these names, so they must not change. The requires are
 * literal, so that a bundle has every entry point to share.
 */
const makers = {
  __proto__: null,
  index() {
    const foundation = require('./foundation');
    const { bind, createNamespace, destroyNamespace, detach, engine, getNamespace, snapshot, stats } = foundation;
    foundation.publish();
    return { bind, createNamespace, destroyNamespace, detach, engine: engine.name, getNamespace, snapshot, stats };
  },
  'async-context': () => require('./integrations/async-context/exports'),
  cls: () => require('./integrations/cls/exports'),
  domain: () => require('./integrations/domain/exports'),
  finder: () => require('./observing/finder/exports'),
  http: () => require('./integrations/http/exports'),
  leaks: () => require('./observing/leaks/leaks'),
  profiler: () => require('./observing/profiler/profiler'),
  usage: () => require('./observing/usage/usage'),
  watchdog: () => require('./observing/watchdog/watchdog'),
  // Hidden from bundlers, which would fail without @opentelemetry/api. The entry point itself passes a literal require.
  opentelemetry: () => require('./util/bundle').requireUnbundled('lib/integrations/opentelemetry/exports.js'),
};

/** The exports created so far. The list keeps them if the module cache is emptied and this copy is loaded again. */
const made = { __proto__: null };

function make(name) {
  made[name] ??= makers[name]();
  return made[name];
}

/**
 * This copy in the list: its version, and a function that returns the exports of an entry point by name. The function throws an
 * error with code MODULE_NOT_FOUND if a bundle lacks the entry point. Fixed for as long as the major version is the same.
 */
const own = Object.freeze({ __proto__: null, version, load: make });

/** Whether a copy of another version has all exports of this one. */
function suffices(other) {
  if (other === version) return true;
  const parsed = parse(other);
  return prerelease === undefined && parsed.prerelease === undefined && parsed.minor >= minor;
}

/** The listed copy to use; undefined if this one must be listed first. */
function find() {
  return process[kCopies]?.find((copy) => suffices(copy.version));
}

/** Lists this copy. */
function register() {
  if (process[kCopies] === undefined) Object.defineProperty(process, kCopies, { __proto__: null, value: [] });
  const others = process[kCopies].map((copy) => copy.version);
  process[kCopies].push(own);
  if (others.length === 0) return;
  process.emitWarning(
    `Two versions of the package context are loaded: ${version}, and ${others.join(', ')} before it. The earlier one may lack ` +
      `exports of ${version}, so each has its own namespaces and engine, and they share no contexts. Install one version ` +
      `(npm ls context; npm dedupe), or load the newer one first.`,
    { type: 'ContextWarning', code: 'CONTEXT_COPIES' },
  );
}

/**
 * Returns the exports of an entry point: those of the first copy that was loaded, if its version allows, or this copy's.
 * @param {string} name a key of `makers`
 * @param {() => object} [maker] creates this copy's exports, with a require that bundlers see
 * @returns {object}
 */
function exportsOf(name, maker = makers[name]) {
  makers[name] = maker;
  const copy = find();
  if (copy === undefined) {
    const exports = make(name);
    // Only now: a copy that fails to load, because it has no binary, must not be listed.
    register();
    return exports;
  }
  try {
    return copy.load(name);
  } catch (error) {
    // The other copy can't find the optional peer @opentelemetry/api from its location.
    if (copy !== own && error.code === 'MODULE_NOT_FOUND') return make(name);
    throw error;
  }
}

module.exports = { exportsOf };
