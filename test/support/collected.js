'use strict';

const assert = require('node:assert');
const { setImmediate: nextTurn } = require('node:timers/promises');

/**
 * Counts objects that are collected.
 *
 * @returns {{ watch: (object: object) => void, collected: (expected: number) => Promise<void> }} `watch` says which ones;
 *   `collected` collects garbage until as many as expected are gone, and fails where they stay
 */
function watchCollection() {
  let count = 0;
  const registry = new FinalizationRegistry(() => count++);
  return {
    watch: (object) => registry.register(object),
    async collected(expected) {
      for (let round = 0; round < 50 && count < expected; round++) {
        await nextTurn();
        global.gc();
      }
      assert.ok(count >= expected, `${count} of ${expected} were collected`);
    },
  };
}

module.exports = { watchCollection };
