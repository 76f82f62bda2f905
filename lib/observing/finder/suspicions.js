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

/** @param {{ own: boolean, carrierOf?: () => string | undefined }} options `own`: whether calls by the application itself count */
function createSuspicions(view, { kindOf, stackOf }, units, options) {
  const all = new Map();

  /** What the latest examination of a place has shown; that of jobs has the negative number of the place. */
  const examinations = new Map();

  const kindOfCall = (call) => kindOf(call.getFileName());

  /** Whether a function of Node.js or of this package enters a context on purpose. */
  function isEntrance(call) {
    const kind = kindOfCall(call);
    return kind === OWN || (kind === NODE && view.isEntrance(call.getFileName(), call.getFunctionName() ?? ''));
  }

  /** Whether the function of a mark is on the stack, and no context was entered since on purpose. */
  function isRunning({ site, isStandIn }, calls) {
    const { file } = units.siteOf(site);
    const isOf = (call) => {
      if (isStandIn) return kindOfCall(call) === FINDERS;
      return call.getFileName() === file && units.functionAt(file, call.getLineNumber(), call.getColumnNumber()) === site;
    };
    const found = calls.find((call) => isOf(call) || isEntrance(call));
    return found !== undefined && isOf(found);
  }

  /** Who called a function: undefined if somebody entered a context on purpose. */
  function callerOf(calls) {
    let core;
    let emits = false;
    for (const call of calls) {
      const kind = kindOfCall(call);
      if (isEntrance(call)) return undefined;
      if (kind === UNKNOWN || kind === FINDERS) continue;
      if (kind !== NODE) return { kind, place: placeOf(call), emits };
      if (/^node:(events|internal\/event_target)$/.test(call.getFileName())) emits = true;
      core ??= placeOf(call);
    }
    return { kind: NODE, place: core, emits };
  }

  /** The suspicion of a function that a probe is in; undefined if it was called in another context on purpose. */
  function examine(owner, active, below, { isStandIn, isResumed }) {
    // The function itself is the first call.
    const callerIn = (limit) => callerOf(stackOf(below, limit).slice(isStandIn ? 0 : 1));
    let caller = callerIn(NEAR);
    if (caller?.kind === NODE) caller = callerIn();
    if (caller === undefined) return undefined;
    const isByOwn = caller.kind === APPLICATION;
    if (isByOwn && !caller.emits && !isResumed && !options.own) return undefined;
    const site = owner.passed || owner.site;
    const by = isByOwn ? 'the application' : caller.kind === NODE ? 'Node.js' : caller.kind;
    const key = `${owner.isJob === true}|${site}|${by}|${caller.place?.file}|${caller.place?.line}`;
    if (all.has(key)) return all.get(key);
    const { api } = units.siteOf(site);
    const found = {
      ...{ kind: owner.isJob ? 'job' : LISTENS.test(api) ? 'listener' : api ? 'callback' : 'function', site },
      ...{ package: by, caller: caller.place, passedIn: view.label(owner.snapshot), ranIn: view.label(active) },
      ...{ foreign: 0, none: 0, reads: 0, reader: undefined, carrier: undefined },
    };
    if (all.size < MOST) all.set(key, found);
    found.carrier = options.carrierOf?.();
    return found;
  }

  const self = {
    all,

    /** The suspicion in which code runs, while its function is on the stack: `isRunning` says whether it is. */
    mark: undefined,

    clear() {
      all.clear();
      examinations.clear();
      self.mark = undefined;
    },

    /** The same mark for a function that was called, or made, meanwhile. */
    markAt: (mark, site) => mark && { ...mark, site, isStandIn: false },

    /** Whether two snapshots are of different contexts. */
    differ: quietly((one, other) => view.relation(one, other) !== 'same', true),

    /**
     * A function runs, or handles a job, while something else than its owner's snapshot is active. Returns whether that is a
     * suspicion. `below` is the probe; `how` says whether it is in a stand-in, or a generator that goes on.
     */
    suspect: quietly((owner, active, below, how = {}) => {
      const relation = view.relation(owner.snapshot, active);
      if (relation === 'same' || relation === 'nested') {
        if (self.mark?.site === owner.site) self.mark = undefined;
        return false;
      }
      const place = (owner.passed || owner.site) * (owner.isJob ? -1 : 1);
      if (!examinations.has(place)) examinations.set(place, { count: 0, suspicion: undefined });
      const known = examinations.get(place);
      const isExamined = ++known.count <= EXAMINED || known.count % SAMPLE === 0;
      if (isExamined) known.suspicion = examine(owner, active, below, how);
      const { suspicion } = known;
      if (suspicion === undefined) return false;
      suspicion[relation]++;
      const { snapshot, site } = owner;
      self.mark = isExamined ? { suspicion, snapshot, site, isStandIn: how.isStandIn === true } : undefined;
      return true;
    }, false),

    /** The mark, of which there is one, if its function runs; undefined otherwise, and then there is none any more. */
    inherit: quietly((below) => {
      if (!isRunning(self.mark, typeof below === 'function' ? stackOf(below) : below)) self.mark = undefined;
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
      const reader = calls.find((call) => kindOfCall(call) === APPLICATION);
      mark.suspicion.reader ??= reader && placeOf(reader);
    }, undefined),
  };
  return self;
}

module.exports = { createSuspicions };
