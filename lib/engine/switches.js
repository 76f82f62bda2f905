'use strict';

/** The kinds of switches that engines tell of. */
module.exports = {
  /** What is active changes in the middle of a callback: something was entered or left. */
  SET: 0,

  /** A callback begins. */
  BEFORE: 1,

  /** A callback is over. What is active now is that of the callback around it. */
  AFTER: 2,

  /** What is active has been so for a while: since a moment after the last switch, of which the platform has said nothing. */
  LATE: 3,
};
