'use strict';

/**
 * What compiled code calls. A function belongs to the context that it was made in; one of the program, to the request that
 * passes it; an object that was passed in a request, to that request. If one runs, or is handled, in another context, that is a
 * suspicion (see suspicions.js). Nothing here throws.
 */

const { types } = require('node:util');

const { jobOf, ownerOf, setJob, setOwner } = require('./stamps');

const TAKES_OFF = /(^|\.)(off|un[A-Z]?\w+|remove\w*|delete\w*|clear\w*|cancel\w*)$/;
const NEVER = /(^|\.)(is\w*|bind|call|apply|then|catch|finally)$/;

/** How many of an array's elements are examined, and how many strings and numbers are remembered. */
const MOST_ELEMENTS = 100;
const MOST_KEYS = 1000;
const LONGEST_KEY = 100;

const { apply } = Reflect;
const { isArray } = Array;
const toStringOf = Function.prototype.toString;

/** What is known of a function. */
class Owner {
  /**
   * @param {object | undefined} snapshot in which it was made; undefined if it belongs to the program
   * @param {number} site where it was made
   * @param {object | undefined} mark the suspicion in which it was made
   */
  constructor(snapshot, site, mark) {
    this.snapshot = snapshot;
    this.site = site;
    this.mark = mark;
    this.passed = 0;
  }
}

/** A value of a request: a job, or a key of a batch. */
class Passed {
  constructor(snapshot, site) {
    this.snapshot = snapshot;
    this.site = site;
  }
}

/** An object that several requests have passed. */
const SHARED = new Passed(undefined, 0);

/** The name of a function; nothing of the application runs. */
function nameOf(callback) {
  const name = Object.getOwnPropertyDescriptor(callback, 'name')?.value;
  return typeof name === 'string' ? name : '';
}

const isBound = (value) => nameOf(value).startsWith('bound ') && apply(toStringOf, value, []).includes('[native code]');

/** Classes and old constructors: who gets one looks it up. */
const isConstructor = (value) => /^(bound )?[A-Z]/.test(nameOf(value));

const isBuiltin = (value) =>
  ArrayBuffer.isView(value) ||
  types.isPromise(value) ||
  types.isNativeError(value) ||
  types.isDate(value) ||
  types.isRegExp(value);

const isCollection = (value) =>
  value === null ||
  (!types.isProxy(value) && isArray(value)) ||
  types.isMap(value) ||
  types.isSet(value) ||
  types.isWeakMap(value) ||
  types.isWeakSet(value);

/**
 * @param {{ current: () => object | undefined }} view which contexts are active
 * @param {object} suspicions see suspicions.js
 * @param {(site: number) => object} siteOf
 */
function createProbes({ current }, suspicions, siteOf) {
  const { inherit, suspect } = suspicions;
  const programs = new Map();
  const stands = new WeakMap();

  /** The owner of all functions that were made at a place of the program. */
  function ofProgram(site) {
    let owner = programs.get(site);
    if (owner === undefined) programs.set(site, (owner = new Owner(undefined, site, undefined)));
    return owner;
  }

  function newOwner(site) {
    return new Owner(current(), site, suspicions.mark === undefined ? undefined : inherit(newOwner));
  }

  function made(of, callback) {
    setOwner(callback, of);
    return callback;
  }

  function declared(site, callback) {
    const of = newOwner(site);
    setOwner(callback, of);
    return of;
  }

  function program(site, callback) {
    setOwner(callback, ofProgram(site));
    return callback;
  }

  /** A function runs. */
  function enter(of, ...args) {
    if (typeof of === 'number' || of.snapshot === undefined) {
      if (args.length > 0) checkJobs(typeof of === 'number' ? of : of.site, args, enter);
      return;
    }
    const active = current();
    if (active !== of.snapshot) suspect(of, active, enter);
    else if (of.mark !== undefined) suspicions.mark = of.mark.at(of.site);
    else if (suspicions.mark !== undefined && suspicions.mark.site === of.site) suspicions.mark = undefined;
  }

  /** An asynchronous function runs. Returns the suspicion in which it does, for `back`. */
  function enterAsync(of, ...args) {
    enter(of, ...args);
    if (suspicions.mark === undefined) return undefined;
    return inherit(enterAsync)?.at(typeof of === 'number' ? of : of.site);
  }

  /** An asynchronous function goes on after `await`. */
  function back(mark, value) {
    suspicions.mark = mark;
    return value;
  }

  /** A generator goes on. */
  function resumed(of, value) {
    if (of.snapshot !== undefined) {
      const active = current();
      if (active !== of.snapshot) suspect(of, active, resumed, { isResumed: true });
    }
    return value;
  }

  /** Strings and numbers that were passed lately, in two generations: a batch of them is known by its values. */
  let keys = new Map();
  let olderKeys = new Map();
  let lastKey = SHARED;

  function noteKey(value, snapshot, site) {
    if (lastKey.snapshot !== snapshot || lastKey.site !== site) lastKey = new Passed(snapshot, site);
    if (keys.size >= MOST_KEYS) [keys, olderKeys] = [new Map(), keys];
    keys.set(value, lastKey);
  }

  const keyOf = (value) => keys.get(value) ?? olderKeys.get(value);

  /** A batch of keys that were all passed at one place, none of them by the active request. */
  function batchOf(list, active) {
    const first = keyOf(list[0]);
    if (first === undefined) return undefined;
    let other = first;
    for (let index = 0; index < list.length && index < MOST_ELEMENTS; index++) {
      const known = keyOf(list[index]);
      if (known === undefined || known.site !== first.site) return undefined;
      if (other.snapshot === active) other = known;
    }
    return other.snapshot === active ? undefined : other;
  }

  /** The request that an argument of a function of the program belongs to. */
  function passedBy(value) {
    if (typeof value === 'function') return ownerOf(value);
    return typeof value === 'object' && value !== null ? jobOf(value) : undefined;
  }

  function checkJobs(worker, args, below) {
    for (let index = 0; index < args.length; index++) {
      const value = args[index];
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null) continue;
      if (types.isProxy(value) || !isArray(value)) {
        if (checkJob(passedBy(value), worker, below)) return;
        continue;
      }
      const isOfKeys = typeof value[0] === 'string' || typeof value[0] === 'number';
      if (isOfKeys && checkJob(batchOf(value, current()), worker, below)) return;
      for (let at = 0; !isOfKeys && at < value.length && at < MOST_ELEMENTS; at++) {
        if (checkJob(passedBy(value[at]), worker, below)) return;
      }
    }
  }

  function checkJob(passed, worker, below) {
    if (passed === undefined || passed.snapshot === undefined) return false;
    const active = current();
    if (passed.snapshot === active) return false;
    return suspect(
      { snapshot: passed.snapshot, site: worker, passed: passed.passed || passed.site, isJob: true },
      active,
      below,
    );
  }

  /** A value is passed on. Returns it, or a stand-in for a function of the program. */
  function pass(site, value, receiver) {
    if (typeof value === 'function') return passFunction(site, value, receiver);
    if (value === undefined || value === null || typeof value === 'boolean') return value;
    const snapshot = current();
    if (snapshot === undefined) return value;
    if (typeof value === 'object') noteJob(value, snapshot, site);
    else if (typeof value === 'number' || (typeof value === 'string' && value.length <= LONGEST_KEY))
      noteKey(value, snapshot, site);
    return value;
  }

  function noteJob(value, snapshot, site) {
    const known = jobOf(value);
    if (known === undefined) {
      if (!isBuiltin(value)) setJob(value, new Passed(snapshot, site));
    } else if (known !== SHARED && known.snapshot !== snapshot && suspicions.differ(known.snapshot, snapshot)) {
      setJob(value, SHARED);
    }
  }

  function passFunction(site, value, receiver) {
    const of = ownerOf(value);
    const snapshot = current();
    if (of === undefined ? types.isProxy(value) || !isBound(value) : of.snapshot !== undefined) {
      if (of !== undefined && (of.snapshot === snapshot || of.passed === 0)) of.passed = site;
      return value;
    }
    const { api } = siteOf(site);
    if (TAKES_OFF.test(api)) return standOf(value, snapshot);
    const isKept = receiver !== undefined && isCollection(receiver);
    if (snapshot === undefined || isKept || isConstructor(value) || NEVER.test(api)) return value;
    return stands.get(value)?.bySnapshot.get(snapshot) ?? standFor(value, snapshot, site);
  }

  /** The stand-in that was passed in a context, or else the latest one, or else the function. */
  function standOf(value, snapshot) {
    const known = stands.get(value);
    return known?.bySnapshot.get(snapshot) ?? known?.latest.deref() ?? value;
  }

  /** A function of the program is passed by a request: the stand-in belongs to that. */
  function standFor(value, snapshot, site) {
    const of = new Owner(snapshot, site, undefined);
    of.passed = site;
    const stand = new Proxy(value, {
      __proto__: null,
      apply: function standIn(target, self, args) {
        const active = current();
        if (active !== snapshot) suspect(of, active, standIn, { isStandIn: true });
        return apply(target, self, args);
      },
    });
    setOwner(stand, of);
    let known = stands.get(value);
    if (known === undefined) stands.set(value, (known = { bySnapshot: new WeakMap(), latest: undefined }));
    known.bySnapshot.set(snapshot, stand);
    known.latest = new WeakRef(stand);
    return stand;
  }

  return { __proto__: null, back, declared, enter, enterAsync, made, owner: newOwner, pass, program, resumed };
}

module.exports = { createProbes };
