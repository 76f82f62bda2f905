'use strict';

const { check, checkFirstEntries } = require('./check');

/** Bounded, so that it takes a few seconds; `npm run fuzz` does more. */
const RUNS = 600;

/** Each takes a thread. */
const FIRST_ENTRIES = 40;

describe('random programs', function () {
  this.timeout(300_000);

  it('have in each namespace, at each step, the context that AsyncLocalStorage carries', () => check({ runs: RUNS }));

  it('make the first entry of a thread, and nothing that was started before sees it', () =>
    checkFirstEntries({ runs: FIRST_ENTRIES }));
});
