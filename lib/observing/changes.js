'use strict';

/**
 * Reports when the active snapshot changes, without what changes nothing: most callbacks run in the same snapshot as the one
 * before, as the reactions of one request do. What Node.js does between two of them is then part of them, so that no clock is
 * needed there.
 *
 * So the snapshot of a callback that has ended stays the reported one, until another callback begins or the loop waits. Code that
 * runs without an event of the platform (see tracker.js) may come in between. Once such code was noticed, every end is reported.
 */

const { BEFORE, END, observe } = require('../foundation');
const { WAITS, clocks, ignoreWaits, noteSeen, noteWaits } = require('./clock');

/**
 * Starts observing. Nothing that is called may throw: it runs in hooks.
 * @param {object} observer
 * @param {(snapshot: Snapshot | undefined, kind: number, isOutside: boolean) => void} observer.onChange `kind` as in
 *   tracker.js; `isOutside` if no callback was running
 * @param {() => void} observer.onWait nothing has been active since the moment `waitedAt`
 * @param {() => void} [observer.onAgain] another callback of the reported snapshot begins
 * @param {() => void} [observer.onTurn] something runs after a wait, which began at `waitedAt`; called before `onChange`
 * @returns {{ settle: () => void, stop: () => void }} `settle` calls `onWait`, if the loop has waited unnoticed
 */
function observeChanges({ onChange, onWait, onAgain, onTurn }) {
  let reported;
  let hasEnded = false;
  let waitsAtEnd = 0;
  let waitsAtTurn = 0;
  let reportsEnds = false;

  function settle() {
    if (!hasEnded || clocks[WAITS] === waitsAtEnd) return;
    hasEnded = false;
    reported = undefined;
    onWait();
  }

  function onSwitch(snapshot, kind) {
    if (kind === END && !reportsEnds) {
      hasEnded = reported !== undefined;
      waitsAtEnd = clocks[WAITS];
      noteSeen();
      return;
    }
    if (onTurn !== undefined && clocks[WAITS] !== waitsAtTurn) {
      settle();
      waitsAtTurn = clocks[WAITS];
      onTurn();
    }
    const isOutside = hasEnded || (kind === BEFORE && reported === undefined);
    if (hasEnded) {
      settle();
      hasEnded = false;
      if (kind !== BEFORE) reportsEnds = true;
      else if (snapshot === reported) return onAgain?.();
    } else if (snapshot === undefined && reported === undefined && kind === BEFORE) {
      noteSeen();
      return;
    }
    reported = snapshot;
    onChange(snapshot, kind, isOutside);
    noteSeen();
  }

  noteWaits();
  waitsAtTurn = clocks[WAITS];
  try {
    const stopObserving = observe(onSwitch);
    return {
      settle,
      stop() {
        ignoreWaits();
        stopObserving();
      },
    };
  } catch (error) {
    ignoreWaits();
    throw error;
  }
}

module.exports = { observeChanges };
