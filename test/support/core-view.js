'use strict';

const assert = require('node:assert');

const core = require('../../lib/frames/binding');
const { serialOf } = require('../../lib/api/context');
const engine = require('../../lib/engine');
const { slotOf } = require('../../lib/api/namespace');

/**
 * The serial number of the context that the native core holds to be active in a namespace; 0 for the default context.
 *
 * @param {Namespace} namespace
 * @param {number} [record] of what is active; what the core knows by itself, while somebody observes, is core.activeRecord()
 */
function activeInCore(namespace, record = engine.activeRecord()) {
  const frames = core.describe(record);
  const frame = frames.find(({ slot }) => slot === slotOf(namespace).number);
  if (frame === undefined) return 0;
  assert.strictEqual(frame.enclosing.length, frame.depth - 1, 'the core has lost what encloses a frame');
  return frame.serial;
}

/** Asserts that a context is the active one of its namespace, and that the core says the same. */
function assertActive(context) {
  const { namespace } = context;
  assert.strictEqual(namespace.active, context);
  assert.strictEqual(activeInCore(namespace), serialOf(context), 'the core holds another context to be active');
}

module.exports = { activeInCore, assertActive };
