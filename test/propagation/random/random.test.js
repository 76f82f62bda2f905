'use strict';

const assert = require('node:assert');

const { hasOwnPromiseHooks } = require('../../support/own-promise-hooks');
const { check, checkApart, checkFirstEntries } = require('./check');

/** Bounded, so that it takes a few seconds; `node tools/fuzz.js` does more. */
const RUNS = 600;

/** With the tracker. */
const TOLD = 300;

/** Performed twice. */
const RUNS_APART = 200;

/** Each takes a thread. */
const FIRST_ENTRIES = 40;
const RUNS_BESIDE_OTHERS = 40;

/** How much of the programs may have their callbacks in another order each time. */
const UNDECIDED = 0.25;

describe('random programs', function () {
  this.timeout(300_000);

  it('have in each namespace, at each step, the context that AsyncLocalStorage carries', () => check({ runs: RUNS }));

  it('and so has the core, while somebody observes, without being asked to look', () => check({ runs: TOLD, told: true }));

  if (hasOwnPromiseHooks) {
    it('have it too if no AsyncLocalStorage is switched on in their thread', async () => {
      const { undecided } = await checkApart({ runs: RUNS_APART });
      assert.ok(undecided < UNDECIDED * RUNS_APART, `${undecided} of ${RUNS_APART} could not be compared`);
    });

    it('have it too if others switch hooks on and off meanwhile', async () => {
      const { undecided } = await checkApart({ runs: RUNS_BESIDE_OTHERS, others: true });
      assert.ok(undecided < UNDECIDED * RUNS_BESIDE_OTHERS, `${undecided} of ${RUNS_BESIDE_OTHERS} could not be compared`);
    });
  }

  it('make the first entry of a thread, and nothing that was started before sees it', () =>
    checkFirstEntries({ runs: FIRST_ENTRIES }));
});
