'use strict';

/** The texts of values, in labels, profiles and rows. */

/** The maximum length of a text, in characters. */
const MAX_LENGTH = 128;

const MAX_BIGINT = 10n ** BigInt(MAX_LENGTH);

/** Whether a bigint is too large to be converted, which would be slow, or kept. */
function isLarge(bigint) {
  return bigint >= MAX_BIGINT || bigint <= -MAX_BIGINT;
}

/** The text of a value that is not a string, or its type in brackets. */
function textOf(value) {
  switch (typeof value) {
    case 'number':
    case 'boolean':
      return `${value}`;
    case 'bigint':
      return isLarge(value) ? '[bigint]' : `${value}`;
    default:
      return value === null ? '[null]' : `[${typeof value}]`;
  }
}

module.exports = { MAX_LENGTH, isLarge, textOf };
