'use strict';

/**
 * What is known of functions and objects of the application: in private fields that are added to them. No code can see these,
 * they work on frozen objects and proxies, and they are 30 times cheaper than a WeakMap.
 */

/** A constructor that returns its argument, so that a derived class adds its fields to that. */
class Given {
  constructor(object) {
    return object;
  }
}

class OwnerStamp extends Given {
  #owner;

  constructor(callback, owner) {
    super(callback);
    this.#owner = owner;
  }

  static get(callback) {
    return #owner in callback ? callback.#owner : undefined;
  }

  static set(callback, owner) {
    if (#owner in callback) callback.#owner = owner;
    else new OwnerStamp(callback, owner);
  }
}

class JobStamp extends Given {
  #passed;

  constructor(object, passed) {
    super(object);
    this.#passed = passed;
  }

  static get(object) {
    return #passed in object ? object.#passed : undefined;
  }

  static set(object, passed) {
    if (#passed in object) object.#passed = passed;
    else new JobStamp(object, passed);
  }
}

/** A later V8 may refuse to add fields to frozen objects: nothing is known of those then. */
const unlessRefused = (set) => (object, value) => {
  try {
    set(object, value);
  } catch {
    // Frozen, or the stack is full.
  }
};

module.exports = {
  jobOf: JobStamp.get,
  ownerOf: OwnerStamp.get,
  setJob: unlessRefused(JobStamp.set),
  setOwner: unlessRefused(OwnerStamp.set),
};
