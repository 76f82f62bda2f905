'use strict';

/** The value below which a part of all values lie, 0.5 for the median; interpolated between two values if necessary. */
function quantile(values, part) {
  const sorted = Float64Array.from(values).sort();
  const at = (sorted.length - 1) * part;
  const below = sorted[Math.floor(at)];
  return below + (sorted[Math.ceil(at)] - below) * (at % 1);
}

const median = (values) => quantile(values, 0.5);

module.exports = { median, quantile };
