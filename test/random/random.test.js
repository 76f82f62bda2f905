'use strict';

const { check } = require('./check');

/** Bounded, so that it takes a few seconds; `npm run fuzz` does more. */
const RUNS = 1500;

describe('random programs', () => {
  it('have in each namespace, at each step, the context that AsyncLocalStorage carries', () => check({ runs: RUNS }));
});
