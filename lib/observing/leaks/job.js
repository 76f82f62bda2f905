'use strict';

const { setImmediate } = require('node:timers');

/** The name of the class below in heap snapshots. */
const jobName = 'LeaksSnapshotJob';

const { LeaksSnapshotJob } = {
  /** Work on a snapshot. Searches stop here, since all that it leads to is who waits for the result. */
  LeaksSnapshotJob: class {
    constructor(work, resolve, reject) {
      this.work = work;
      this.resolve = resolve;
      this.reject = reject;
    }
  },
};

async function runJob(job) {
  try {
    // Two statements: `resolve` must not be on the stack while the snapshot is taken.
    const result = await job.work();
    job.resolve(result);
  } catch (error) {
    job.reject(error);
  }
}

/**
 * Works on a snapshot from the next turn on, so that the caller's stack holds nothing. Must be called outside all contexts.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
function workLater(work) {
  return new Promise((resolve, reject) => setImmediate(runJob, new LeaksSnapshotJob(work, resolve, reject)));
}

module.exports = { jobName, workLater };
