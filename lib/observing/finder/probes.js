'use strict';

/**
 * What compiled code calls. A function belongs to the context that it was made in; one of the program, to the request that
 * passes it; an object that was passed in a request, to that request. If one runs, or is handled, in another context, that is a
 * suspicion (see suspicions.js). Nothing here throws.
 */

const { types } = require('node:util');

const { makeHiddenField } = require('../../util/hidden-field');

const TAKES_OFF = /(^|\.)(off|un[A-Z]?\w+|remove\w*|delete\w*|clear\w*|cancel\w*)$/;
const NEVER = /(^|\.)(is\w*|bind|call|apply|then|catch|finally)$/;

/** How many of an array's elements are examined, and how many strings and numbers are remembered, and of which length. */
const MOST_ELEMENTS = 100;
const MOST_KEYS = 1000;
const LONGEST_KEY = 100;

const { apply } = Reflect;
const { isArray } = Array;
const toStringOf = Function.prototype.toString;

/**
 * What is known of a function, or of a value that a request has passed: the snapshot in which it was made or passed, undefined if
 * it belongs to the program or to several requests; the places where it was made and passed, 0 for none; the suspicion in which
 * it was made.
 */
class Owner {
  constructor(snapshot, site, passed = 0, mark = undefined) {
    this.snapshot = snapshot;
    this.site = site;
    this.passed = passed;
    this.mark = mark;
  }
}

const SHARED = new Owner(undefined, 0);

// In hidden fields: no code sees these, and they are 30 times cheaper than a WeakMap.
const [owners, jobs] = [makeHiddenField(), makeHiddenField()];

/** A later V8 may refuse to add fields to frozen objects: nothing is known of those then. */
function set(field, object, owner) {
  try {
    field.set(object, owner);
  } catch {
    // Frozen, or the stack is full.
  }
}

const isKey = (value) => typeof value === 'string' || typeof value === 'number';

/** The name of a function; nothing of the application runs. */
function nameOf(callback) {
  const name = Object.getOwnPropertyDescriptor(callback, 'name')?.value;
  return typeof name === 'string' ? name : '';
}

const isBound = (value) => nameOf(value).startsWith('bound ') && apply(toStringOf, value, []).includes('[native code]');

/** Classes and old constructors: who gets one looks it up. */
const isConstructor = (value) => /^(bound )?[A-Z]/.test(nameOf(value));

const BUILTINS = [ArrayBuffer.isView, types.isPromise, types.isNativeError, types.isDate, types.isRegExp];
const isBuiltin = (value) => BUILTINS.some((is) => is(value));

const isList = (value) => !types.isProxy(value) && isArray(value);

const COLLECTIONS = [isList, types.isMap, types.isSet, types.isWeakMap, types.isWeakSet];
const isCollection = (value) => value === null || COLLECTIONS.some((is) => is(value));

/** @returns {object} what the code calls, by name */
function createProbes({ current }, suspicions, units) {
  const { inherit, markAt, suspect } = suspicions;
  const programs = new Map();
  const stands = new WeakMap();

  function owner(site) {
    return new Owner(current(), site, 0, suspicions.mark === undefined ? undefined : inherit(owner));
  }

  function made(of, callback) {
    set(owners, callback, of);
    return callback;
  }

  function declared(site, callback) {
    const of = owner(site);
    made(of, callback);
    return of;
  }

  /** All functions that were made at a place of the program have one owner. */
  function program(site, callback) {
    if (!programs.has(site)) programs.set(site, new Owner(undefined, site));
    return made(programs.get(site), callback);
  }

  /** A function runs. That of a function of the program may be the number of its place. */
  function enter(of, ...args) {
    if (of.snapshot === undefined) {
      if (args.length > 0) checkJobs(of.site ?? of, args, enter);
      return;
    }
    const active = current();
    if (active !== of.snapshot) suspect(of, active, enter);
    else if (of.mark !== undefined) suspicions.mark = markAt(of.mark, of.site);
    else if (suspicions.mark !== undefined && suspicions.mark.site === of.site) suspicions.mark = undefined;
  }

  /** An asynchronous function runs. Returns the suspicion in which it does, for `back`. */
  function enterAsync(of, ...args) {
    enter(of, ...args);
    return suspicions.mark === undefined ? undefined : markAt(inherit(enterAsync), of.site ?? of);
  }

  /** An asynchronous function goes on after `await`. */
  function back(mark, value) {
    suspicions.mark = mark;
    return value;
  }

  /** A generator goes on. */
  function resumed(of, value) {
    const isStrange = of.snapshot !== undefined && of.snapshot !== current();
    if (isStrange) suspect(of, current(), resumed, { isResumed: true });
    return value;
  }

  /** The strings and numbers that were passed lately, in two generations: a batch of them is known by its values. */
  let keys = new Map();
  let olderKeys = new Map();

  const ownerOfKey = (value) => keys.get(value) ?? olderKeys.get(value);

  function ownerOf(value) {
    if (typeof value === 'function') return owners.get(value);
    return typeof value === 'object' && value !== null ? jobs.get(value) : undefined;
  }

  /** The owners of a batch: keys count only if all were passed at one place. */
  function ownersIn(list) {
    const isOfKeys = isKey(list[0]);
    const all = Array.from({ length: Math.min(list.length, MOST_ELEMENTS) }, (_, at) =>
      isOfKeys ? ownerOfKey(list[at]) : ownerOf(list[at]),
    );
    return isOfKeys && all.some((each) => each === undefined || each.passed !== all[0].passed) ? [] : all;
  }

  /** A function of the program gets values: another request may have passed them. */
  function checkJobs(worker, args, below) {
    const isStrange = (of) => {
      if (of === undefined || of.snapshot === undefined || of.snapshot === current()) return false;
      const job = { snapshot: of.snapshot, site: worker, passed: of.passed || of.site, isJob: true };
      return suspect(job, current(), below);
    };
    for (let index = 0; index < args.length; index++) {
      const value = args[index];
      if (isList(value) ? ownersIn(value).some(isStrange) : isStrange(ownerOf(value))) return;
    }
  }

  /** A value is passed on. Returns it, or a stand-in for a function of the program. */
  function pass(site, value, receiver) {
    if (typeof value === 'function') return passFunction(site, value, receiver);
    if (value === undefined || value === null || typeof value === 'boolean') return value;
    const snapshot = current();
    if (snapshot === undefined) return value;
    if (typeof value === 'object') noteJob(value, snapshot, site);
    else if (isKey(value) && !(value.length > LONGEST_KEY)) {
      if (keys.size >= MOST_KEYS) [keys, olderKeys] = [new Map(), keys];
      keys.set(value, new Owner(snapshot, 0, site));
    }
    return value;
  }

  function noteJob(value, snapshot, site) {
    const known = jobs.get(value);
    if (known === undefined) {
      if (!isBuiltin(value)) set(jobs, value, new Owner(snapshot, 0, site));
    } else if (known.snapshot !== undefined && known.snapshot !== snapshot && suspicions.differ(known.snapshot, snapshot)) {
      set(jobs, value, SHARED);
    }
  }

  function passFunction(site, value, receiver) {
    const of = owners.get(value);
    const snapshot = current();
    if (of === undefined ? types.isProxy(value) || !isBound(value) : of.snapshot !== undefined) {
      if (of !== undefined && (of.snapshot === snapshot || of.passed === 0)) of.passed = site;
      return value;
    }
    const { api } = units.siteOf(site);
    const known = stands.get(value);
    const stand = known?.bySnapshot.get(snapshot);
    // What was passed in this context is taken off, or else what was passed last.
    if (TAKES_OFF.test(api)) return stand ?? known?.latest.deref() ?? value;
    const isKept = receiver !== undefined && isCollection(receiver);
    if (snapshot === undefined || isKept || isConstructor(value) || NEVER.test(api)) return value;
    return stand ?? standFor(value, snapshot, site);
  }

  /** A function of the program is passed by a request: the stand-in belongs to that. */
  function standFor(value, snapshot, site) {
    const of = new Owner(snapshot, site, site);
    const stand = new Proxy(value, {
      __proto__: null,
      apply: function standIn(target, self, args) {
        const active = current();
        if (active !== snapshot) suspect(of, active, standIn, { isStandIn: true });
        return apply(target, self, args);
      },
    });
    set(owners, stand, of);
    if (!stands.has(value)) stands.set(value, { bySnapshot: new WeakMap(), latest: undefined });
    const known = stands.get(value);
    known.bySnapshot.set(snapshot, stand);
    known.latest = new WeakRef(stand);
    return stand;
  }

  return { __proto__: null, back, declared, enter, enterAsync, made, owner, pass, program, resumed };
}

module.exports = { createProbes };
