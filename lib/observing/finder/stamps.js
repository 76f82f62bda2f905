'use strict';

/** What is known of functions and objects of the application, in hidden fields: no code sees these, and they are 30 times cheaper than a WeakMap. */

const { makeHiddenField } = require('../../util/hidden-field');

const owners = makeHiddenField();
const jobs = makeHiddenField();

/** A later V8 may refuse to add fields to frozen objects: nothing is known of those then. */
const unlessRefused = (set) => (object, value) => {
  try {
    set(object, value);
  } catch {
    // Frozen, or the stack is full.
  }
};

module.exports = {
  jobOf: jobs.get,
  ownerOf: owners.get,
  setJob: unlessRefused(jobs.set),
  setOwner: unlessRefused(owners.set),
};
