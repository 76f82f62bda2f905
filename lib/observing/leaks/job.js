'use strict';

const { setImmediate } = require('node:timers');

/** The name of the class below in heap snapshots. */
const jobName = 'LeaksSnapshotJob';

const { LeaksSnapshotJob } = {
  /**
   * A snapshot to take. Searches stop here: what it leads to is who waits for the result, and the stack that it is taken on has
   * nothing else.
   */
  LeaksSnapshotJob: class {
    constructor(take, resolve, reject) {
      this.take = take;
      this.resolve = resolve;
      this.reject = reject;
    }
  },
};

function runJob(job) {
  try {
    // Two statements: `resolve`, which leads to who waits, must not be on the stack while the snapshot is taken.
    const taken = job.take();
    job.resolve(taken);
  } catch (error) {
    job.reject(error);
  }
}

/**
 * Takes a snapshot in a turn of its own, so that the caller's stack holds nothing. Must be called outside all contexts.
 * @template T
 * @param {() => T} take
 * @returns {Promise<T>}
 */
function takeLater(take) {
  return new Promise((resolve, reject) => setImmediate(runJob, new LeaksSnapshotJob(take, resolve, reject)));
}

module.exports = { jobName, takeLater };
