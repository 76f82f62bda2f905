'use strict';

/**
 * A value below which a part of all values lie, between two of them if that is no whole number.
 *
 * @param {Iterable<number>} values at least one, in any order
 * @param {number} part from 0 to 1; 0.5 for the median
 * @returns {number}
 */
function quantile(values, part) {
  const sorted = Float64Array.from(values).sort();
  const at = (sorted.length - 1) * part;
  const below = sorted[Math.floor(at)];
  return below + (sorted[Math.ceil(at)] - below) * (at % 1);
}

module.exports = { quantile };
