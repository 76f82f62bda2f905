'use strict';

/** The value below which a part of all values lie, 0.5 for the median; between two of them if that is no whole number. */
function quantile(values, part) {
  const sorted = Float64Array.from(values).sort();
  const at = (sorted.length - 1) * part;
  const below = sorted[Math.floor(at)];
  return below + (sorted[Math.ceil(at)] - below) * (at % 1);
}

module.exports = { quantile };
