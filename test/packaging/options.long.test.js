'use strict';

const assert = require('node:assert');
const path = require('node:path');

const { runNode } = require('../support/child');

const wrong = {
  fuzz: [['--runs', '0'], ['--runs', 'many'], ['--seed', '1.5'], ['--stores', 'none'], ['--stores', 'toString'], ['--unknown']],
  'fuzz-native': [['--seconds', '0'], ['--seconds', 'long'], ['argument']],
  'clients/main': [['--node', '18'], ['--node', ''], ['--only', 'pg,oracle'], ['--unknown'], ['argument']],
  'usage/main': [['--rounds', 'many'], ['--node', '18'], ['argument']],
  'usage/price': [['--seconds', '0'], ['--seconds', 'long'], ['--node', '20,18'], ['--unknown']],
  'test-matrix': [['--only', '18'], ['--only', ''], ['--jobs', '0'], ['--jobs', 'two'], ['--unknown']],
};

describe('a command that gets wrong options', () => {
  for (const [script, cases] of Object.entries(wrong)) {
    for (const args of cases) {
      it(`says what is wrong, and how it is used: ${script} ${args.join(' ')}`, async () => {
        const { code, stdout, stderr } = await runNode([path.join('scripts', `${script}.js`), ...args]);
        assert.deepStrictEqual([code, stdout], [2, '']);
        assert.match(stderr, /.\nUsage: npm run [a-z:]+ -- \[--.*\]\n$/);
      });
    }
  }
});
