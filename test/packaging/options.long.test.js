'use strict';

const assert = require('node:assert');

const { runNode } = require('../support/child');

const wrong = {
  'tools/fuzz.js': ['--runs 0', '--runs many', '--seed 1.5', '--stores none', '--stores toString', '--unknown'],
  'tools/fuzz-native.js': ['--seconds 0', '--seconds long', 'argument'],
  'tools/test-clients.js': ['--node 18', '--node=', '--only pg,oracle', 'argument'],
  'tools/test-leaks.js': ['--node 18', '--only pg,oracle', 'argument'],
  'tools/test-observers.js': ['usage --rounds many', 'usage --node 18', 'nothing', 'usage watchdog'],
  'tools/test-matrix.js': ['--node 18', '--node=', '--jobs 0', '--jobs two'],
  'tools/soak.js': ['--minutes x', '--minutes -1', '--minutes=1e3', '--minutes', '--checks 1.5', '--seed 4294967296'],
  'bench/main.js': ['--only nothing', '--rounds 0', '--node 18', '--fast'],
};

describe('a command that gets wrong options', () => {
  for (const [command, cases] of Object.entries(wrong)) {
    it(`prints what is wrong, and how it is used: ${command}`, async () => {
      const results = await Promise.all(cases.map((args) => runNode([command, ...args.split(' ')])));
      for (const [index, { code, stdout, stderr }] of results.entries()) {
        assert.deepStrictEqual([code, stdout], [2, ''], cases[index]);
        assert.match(stderr, new RegExp(`.\\nUsage: node ${command} .*\\[--.*\\]\\n$`), cases[index]);
      }
    });
  }
});
