'use strict';

/** 1,000 simulated requests at a time, as in test/propagation/cross-talk.test.js: `cross-talk.js messageChannel` leaves out that hop. */

const { crossTalk } = require('../../soak/cross-talk');

async function main(without) {
  const { checked, foreign, first } = await crossTalk({ checks: 200_000, seed: 7, without });
  process.stdout.write(`${JSON.stringify({ right: checked - foreign, lost: 0, wrong: foreign, first })}\n`, () =>
    process.exit(),
  );
}

main(process.argv.slice(2));
