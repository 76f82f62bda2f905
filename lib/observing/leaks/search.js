'use strict';

/**
 * Bisects a sorted array.
 * @param {Uint32Array} sorted
 * @param {number} count how many of its numbers count
 * @param {number} number at least the first one
 * @returns {number} the last index whose number is at most this
 */
function indexOfLast(sorted, count, number) {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (sorted[middle] <= number) low = middle;
    else high = middle - 1;
  }
  return low;
}

module.exports = { indexOfLast };
