'use strict';

const { isPromise } = require('node:util/types');

const { covered } = require('../../util/covered');
const { decorate, isError } = require('./decorate');
const { activate, outside, restore, top } = require('./stack');

const { apply } = Reflect;

function hasListener(domain) {
  return domain.listenerCount('error') > 0;
}

/** Whether the domain of an entry, or one around it, wants errors. */
function isWanted(entry) {
  for (let at = entry; at !== undefined; at = at.enclosing) {
    if (hasListener(at.domain)) return true;
  }
  return false;
}

/** Emits an error on a domain. An emitter without a listener looks at it, which may throw something else. */
function emitError(domain, error) {
  if (!hasListener(domain) && isError(error) === undefined) throw error;
  domain.emit('error', error);
}

/**
 * Gives an error to the domain of an entry, outside of that domain. What its listener throws, or the error itself if
 * it has none, goes to the next domain around.
 *
 * @throws {unknown} what no domain is left for
 */
function deliver(error, entry) {
  const { domain } = entry;
  decorate(error, domain, { domainThrown: true });
  activate(outside(entry));
  if (top() === undefined) {
    emitError(domain, error);
    return;
  }
  try {
    emitError(domain, error);
  } catch (another) {
    const next = top();
    if (next === undefined) throw another;
    deliver(another, next);
  }
}

/** Gives an uncaught exception to the domains in which it happened. Says whether one of them wanted it. */
function handleException(error) {
  try {
    restore(error);
    const entry = top();
    if (!isWanted(entry)) return false;
    deliver(error, entry);
    return true;
  } finally {
    activate(undefined);
  }
}

/** Gives the reason of an unhandled rejection to the domain in which it happened. Says whether there was one. */
function handleRejection(reason) {
  const entry = top();
  if (entry === undefined) return false;
  activate(undefined);
  return entry.domain.emit('error', reason);
}

/** Whether a domain takes what the process is about to report. */
function handle(type, value, detail) {
  if (type === 'uncaughtException') {
    if (detail === 'uncaughtException') return handleException(value);
    // An unhandled rejection that no domain took.
    activate(undefined);
  }
  // Libraries report promises of their own in this way too.
  return type === 'unhandledRejection' && isPromise(detail) && handleRejection(value);
}

/**
 * Has uncaught exceptions and unhandled rejections offered to the domain in which they happened before anybody else.
 * That is done where Node.js reports them, in `process.emit`: a listener would keep the process alive for everybody,
 * and could not give back what no domain wants; and of capture callbacks there is only one for the whole process.
 */
function install() {
  const emitNow = covered(process, 'emit');
  function emitUnlessHandled(...args) {
    return handle(...args) || apply(emitNow(), this, args);
  }
  const descriptor = { __proto__: null, value: emitUnlessHandled, configurable: true, writable: true };
  Object.defineProperty(process, 'emit', descriptor);
}

module.exports = { install };
