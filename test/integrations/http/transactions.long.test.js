'use strict';

const applications = require('./shop');
const { assertTransactions } = require('./transactions');

describe('the agent of docs/agents.md', () => {
  for (const framework of applications) {
    for (const atATime of [1, 10]) {
      it(`has a right line for each of 1,000 requests of ${framework}, ${atATime} at a time`, () =>
        assertTransactions(framework, 1000, atATime)).timeout(180_000);
    }
  }
});
