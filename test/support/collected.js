'use strict';

const assert = require('node:assert');
const { setImmediate: nextTurn } = require('node:timers/promises');

const ROUNDS = 20;

/**
 * Counts objects that are collected.
 *
 * @returns {{ watch: (object: object) => void, collected: (expected: number) => Promise<void> }} `watch` says which ones;
 *   `collected` collects garbage until as many as expected are gone, and fails if they stay
 */
function watchCollection() {
  const references = [];
  const count = () => references.filter((reference) => reference.deref() === undefined).length;
  return {
    watch: (object) => references.push(new WeakRef(object)),
    async collected(expected) {
      for (let round = 0; round < ROUNDS; round++) {
        // What was looked at through a reference stays until the turn is over.
        await nextTurn();
        global.gc();
        if (count() >= expected) return;
      }
      assert.fail(`${count()} of ${references.length} were collected, not ${expected}`);
    },
  };
}

module.exports = { watchCollection };
