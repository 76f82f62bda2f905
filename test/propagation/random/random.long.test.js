'use strict';

const assert = require('node:assert');

const { hasOwnPromiseHooks } = require('../../support/own-promise-hooks');
const { check, checkApart, checkFirstEntries } = require('./check');

/** How much of the programs may have their callbacks in another order each time. */
const UNDECIDED = 0.25;

/** Performs random programs in two threads each. */
async function checkInThreads(runs, others) {
  const { undecided } = await checkApart({ runs, others });
  assert.ok(undecided < UNDECIDED * runs, `${undecided} of ${runs} could not be compared`);
}

describe('many random programs', function () {
  this.timeout(600_000);

  it('have in each namespace, at each step, the context that AsyncLocalStorage carries', () => check({ runs: 600 }));

  it('and so has the core, while somebody observes, without being asked to look', () => check({ runs: 300, observed: true }));

  if (hasOwnPromiseHooks) {
    it('have it too if no AsyncLocalStorage is switched on in their thread', () => checkInThreads(200, false));

    it('have it too if others switch hooks on and off meanwhile', () => checkInThreads(40, true));
  }

  it('make the first entry of a thread, and nothing that was started before sees it', () => checkFirstEntries({ runs: 40 }));
});
