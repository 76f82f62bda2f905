'use strict';

const assert = require('node:assert');

const core = require('../../lib/frames/binding');
const engine = require('../../lib/engine');
const { removeFolders } = require('./folders');
const { assertCalls } = require('./must-call');

// Tools that a test starts find all prepared, and must not install at the same time.
process.env.CONTEXT_PREPARED = '1';

exports.mochaHooks = {
  afterAll: removeFolders,
  afterEach() {
    // No test may leave a context entered: it would be active in those that follow.
    assert.deepStrictEqual(core.describe(engine.activeRecord()), [], 'the test has left contexts entered');
    if (this.currentTest.state !== 'failed') assertCalls();
  },
};
