'use strict';

const { isPromise } = require('node:util/types');

const { covered } = require('../../util/covered');
const { decorate, isError } = require('./decorate');
const { activate, outside, restore, top } = require('./stack');

const { apply } = Reflect;

function hasListener(domain) {
  return domain.listenerCount('error') > 0;
}

/** Whether the entry's domain, or one around it, has a listener. */
function isWanted(entry) {
  for (let at = entry; at !== undefined; at = at.enclosing) {
    if (hasListener(at.domain)) return true;
  }
  return false;
}

/** Emits an error on a domain. Without a listener, emitting inspects the error, which may throw another one. */
function emitError(domain, error) {
  if (!hasListener(domain) && isError(error) === undefined) throw error;
  domain.emit('error', error);
}

/**
 * Emits an error on the domain of an entry, outside that domain. If that throws, or there is no listener, the next enclosing
 * domain gets the error.
 * @throws {unknown} if no domain is left
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

/** Offers an uncaught exception to the domains in which it was thrown. Returns whether one handled it. */
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

/** Offers an unhandled rejection to its domain. Returns whether there was one. */
function handleRejection(reason) {
  const entry = top();
  if (entry === undefined) return false;
  activate(undefined);
  return entry.domain.emit('error', reason);
}

/** Whether a domain handles what the process is about to report. */
function handle(type, value, detail) {
  if (type === 'uncaughtException') {
    if (detail === 'uncaughtException') return handleException(value);
    // An unhandled rejection without a domain.
    activate(undefined);
  }
  // Libraries emit this event for promises of their own.
  return type === 'unhandledRejection' && isPromise(detail) && handleRejection(value);
}

/**
 * Offers uncaught exceptions and unhandled rejections to their domains first, by patching `process.emit`, through which Node.js
 * reports them. A listener would keep the process alive even for errors without a domain, and there is only one capture
 * callback per process.
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
