'use strict';

/**
 * Functions that ran, or handled a job, in another context than their own. What makes one a finding is that it, or what it calls
 * or starts, reads the wrong context. Nothing here throws.
 */

const { APPLICATION, FINDERS, NODE, OWN, UNKNOWN, placeOf } = require('./places');

const LISTENS = /\.(on|once|addListener|prependListener|prependOnceListener|addEventListener)$/;

/** How many suspicions are kept. */
const MOST = 10_000;

/** Stacks are expensive: after so many times at a place, each sixteenth is examined, and the others count as the last one did. */
const EXAMINED = 100;
const SAMPLE = 16;

/** How many calls around a function suffice, as a rule, to see who called it. */
const NEAR = 12;

/** The suspicion in which code runs. */
class Mark {
  /**
   * @param {object} suspicion
   * @param {object} snapshot of the owner: what should be active
   * @param {number} site the function that is on the stack while it runs
   * @param {boolean} isStandIn whether a stand-in of that function is
   */
  constructor(suspicion, snapshot, site, isStandIn) {
    this.suspicion = suspicion;
    this.snapshot = snapshot;
    this.site = site;
    this.isStandIn = isStandIn;
  }

  /** The same for a function that was called, or made, meanwhile. */
  at(site) {
    return new Mark(this.suspicion, this.snapshot, site, false);
  }
}

/** Returns a function that does nothing more if it fails: the stack may be full, or the program may have replaced anything. */
const quietly =
  (call, otherwise) =>
  (...args) => {
    try {
      return call(...args);
    } catch {
      return otherwise;
    }
  };

/**
 * @param {object} view
 * @param {object} places
 * @param {Units} units
 * @param {{ own: boolean }} options `own`: whether calls by the application itself count
 */
function createSuspicions(view, places, units, options) {
  const { kindOf, stackOf } = places;
  const all = new Map();

  /** Whether a function of Node.js or of this package enters a context on purpose. */
  function isEntrance(call) {
    const file = call.getFileName();
    return kindOf(file) === OWN || (kindOf(file) === NODE && view.isEntrance(file, call.getFunctionName() ?? ''));
  }

  /** Whether a call is the one that a mark was made for. */
  function isOf(call, { site, isStandIn }, { file }) {
    const name = call.getFileName();
    if (isStandIn) return kindOf(name) === FINDERS;
    return name === file && units.functionAt(name, call.getLineNumber(), call.getColumnNumber()) === site;
  }

  /** Whether the marked function is on the stack, and no context was entered since on purpose. */
  function isRunning(mark, calls) {
    const place = units.siteOf(mark.site);
    for (const call of calls) {
      if (isOf(call, mark, place)) return true;
      if (isEntrance(call)) return false;
    }
    return false;
  }

  /**
   * Who called a function: undefined if somebody entered a context on purpose.
   * @param {NodeJS.CallSite[]} calls
   */
  function callerOf(calls) {
    let core;
    let emits = false;
    for (const call of calls) {
      const file = call.getFileName();
      const kind = kindOf(file);
      if (isEntrance(call)) return undefined;
      if (kind === UNKNOWN || kind === FINDERS) continue;
      if (kind !== NODE) return { kind, place: placeOf(call), emits };
      if (file === 'node:events' || file === 'node:internal/event_target') emits = true;
      core ??= placeOf(call);
    }
    return { kind: NODE, place: core, emits };
  }

  /** What the latest examinations of a place have shown. */
  const examinations = [new Map(), new Map()];

  function examinationOf(place, isJob) {
    const ofKind = examinations[Number(isJob)];
    let known = ofKind.get(place);
    if (known === undefined) ofKind.set(place, (known = { count: 0, suspicion: undefined }));
    return known;
  }

  /** Who called the function that a probe is in. */
  function examine(owner, kind, active, below, { isStandIn, isResumed }) {
    // The function itself is the first call.
    const callerIn = (limit) => callerOf(stackOf(below, limit).slice(isStandIn ? 0 : 1));
    let caller = callerIn(NEAR);
    if (caller?.kind === NODE) caller = callerIn();
    if (caller === undefined) return undefined;
    if (caller.kind === APPLICATION && !caller.emits && !isResumed && !options.own) return undefined;
    return note(owner, kind, caller, active);
  }

  function note(owner, kind, caller, active) {
    const place = owner.passed || owner.site;
    const by = caller.kind === APPLICATION ? 'the application' : caller.kind === NODE ? 'Node.js' : caller.kind;
    const key = `${owner.isJob === true}|${place}|${by}|${caller.place?.file}|${caller.place?.line}`;
    let found = all.get(key);
    if (found === undefined) {
      const { api } = units.siteOf(place);
      const type = owner.isJob ? 'job' : LISTENS.test(api ?? '') ? 'listener' : api ? 'callback' : 'function';
      const example = { passedIn: view.label(owner.snapshot), ranIn: view.label(active) };
      found = {
        type,
        site: place,
        package: by,
        caller: caller.place,
        none: 0,
        foreign: 0,
        reads: 0,
        reader: undefined,
        ...example,
      };
      if (all.size < MOST) all.set(key, found);
      found.carrier = options.carrierOf?.();
    }
    return found;
  }

  const self = {
    all,

    /** The mark of the code that runs, unless it has ended: `isRunning` says. */
    mark: undefined,

    clear() {
      all.clear();
      for (const each of examinations) each.clear();
      self.mark = undefined;
    },

    /** Whether two snapshots are of different contexts. */
    differ: quietly((one, other) => view.relation(one, other) !== 'same', true),

    /**
     * A function runs, or handles a job, while something else than its owner's snapshot is active.
     * @param {{ snapshot: object, site: number, passed: number, isJob?: boolean }} owner
     * @param {object | undefined} active
     * @param {Function} below the probe
     * @param {{ isStandIn?: boolean, isResumed?: boolean }} [how]
     * @returns {boolean} whether it is a suspicion
     */
    suspect: quietly((owner, active, below, how = {}) => {
      const kind = view.relation(owner.snapshot, active);
      if (kind === 'same' || kind === 'nested') {
        if (self.mark?.site === owner.site) self.mark = undefined;
        return false;
      }
      const known = examinationOf(owner.passed || owner.site, owner.isJob === true);
      const isExamined = ++known.count <= EXAMINED || known.count % SAMPLE === 0;
      if (isExamined) known.suspicion = examine(owner, kind, active, below, how);
      const { suspicion } = known;
      if (suspicion === undefined) return false;
      suspicion[kind]++;
      self.mark = isExamined ? new Mark(suspicion, owner.snapshot, owner.site, how.isStandIn === true) : undefined;
      return true;
    }, false),

    /** The mark, of which there is one, if its function runs; undefined otherwise, and then there is none any more. */
    inherit: quietly((below) => {
      const calls = typeof below === 'function' ? stackOf(below) : below;
      if (!isRunning(self.mark, calls)) self.mark = undefined;
      return self.mark;
    }, undefined),

    /** The program reads the active contexts. */
    noteRead: quietly((below) => {
      if (self.mark === undefined) return;
      const calls = stackOf(below);
      if (kindOf(calls[0]?.getFileName()) === OWN) return;
      const mark = self.inherit(calls);
      if (mark === undefined || !/none|foreign/.test(view.relation(mark.snapshot, view.current()))) return;
      mark.suspicion.reads++;
      const reader = mark.suspicion.reader === undefined && calls.find((call) => kindOf(call.getFileName()) === APPLICATION);
      if (reader) mark.suspicion.reader = placeOf(reader);
    }, undefined),
  };
  return self;
}

module.exports = { createSuspicions };
