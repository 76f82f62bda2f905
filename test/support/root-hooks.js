'use strict';

const assert = require('node:assert');

const core = require('../../lib/frames/binding');
const engine = require('../../lib/engine');

/** No test may leave a context entered: it would be active in those that follow. */
exports.mochaHooks = {
  afterEach() {
    assert.deepStrictEqual(core.describe(engine.activeRecord()), [], 'the test has left contexts entered');
  },
};
