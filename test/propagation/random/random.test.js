'use strict';

const { hasOwnPromiseHooks } = require('../../support/own-promise-hooks');
const { check, checkApart, checkFirstEntries } = require('./check');

// More of them are in random.long.test.js, and many more are performed by tools/fuzz.js.
describe('random programs', function () {
  this.timeout(300_000);

  it('have in each namespace, at each step, the context that AsyncLocalStorage carries', () => check({ runs: 150 }));

  it('and so has the core, while somebody observes, without being asked to look', () => check({ runs: 60, observed: true }));

  if (hasOwnPromiseHooks) {
    it('have it too if no AsyncLocalStorage is switched on in their thread', () => checkApart({ runs: 20 }));
  }

  it('make the first entry of a thread, and nothing that was started before sees it', () => checkFirstEntries({ runs: 6 }));
});
