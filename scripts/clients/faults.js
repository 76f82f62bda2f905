'use strict';

const { REQUESTS } = require('./requests');

/**
 * What is wrong with what was measured of an API.
 *
 * @param {{ by?: string, plain: object, repaired?: object }} result what it is repaired by, and what was measured before and after that
 * @returns {string | undefined} undefined for nothing
 */
function faultOf({ by, plain, repaired }) {
  if (plain.behind > 0) return `AsyncLocalStorage was right and this package was not, ${plain.behind} times`;
  if (plain.unlike > 0) return `AsyncLocalStorage and this package have differed, ${plain.unlike} times`;
  if (by === undefined)
    return plain.ours.right < REQUESTS ? `${plain.ours.right} of ${REQUESTS} right, and there is no repair` : undefined;
  if (repaired.ours.right < REQUESTS) return `${repaired.ours.right} of ${REQUESTS} right after the repair by ${by}`;
  return undefined;
}

module.exports = { faultOf };
