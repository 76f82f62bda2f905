'use strict';

/** The kinds of switches that an engine reports. */
module.exports = {
  /** A context was entered or left during a callback. */
  SET: 0,

  /** A callback begins. */
  BEFORE: 1,

  /** A callback has ended; the callback around it continues. */
  AFTER: 2,

  /** Noticed late: the snapshot became active just after the last switch, without an event of the platform. */
  LATE: 3,

  /** A callback has ended outside all others: nothing is active until the next one begins. */
  END: 4,
};
