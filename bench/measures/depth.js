'use strict';

/** Calls a subject until the stack is full, and returns how many calls there were. */
function levelsOf({ enter }) {
  let levels = 0;
  const deeper = () => {
    levels++;
    enter(deeper);
  };
  try {
    deeper();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return levels;
}

/**
 * Measures how deep contexts can be nested before the stack is full.
 *
 * @param {() => object} setUp makes the subject, see subjects.js
 * @returns {{ depth: number }} the levels
 */
function depth(setUp) {
  const subject = setUp();
  // A function takes less of the stack when it was compiled, so the last of several is the one that a program sees.
  let levels;
  for (let i = 0; i < 50; i++) levels = levelsOf(subject);
  return { depth: levels };
}

module.exports = { depth };
