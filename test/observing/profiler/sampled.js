'use strict';

const { microsecondsNow } = require('../../../lib/observing/clock');
const { Profile } = require('../../../lib/observing/profiler/profile');
const { Samples } = require('../../../lib/observing/profiler/samples');
const { record, stopRecording, takeChanges } = require('../../../lib/observing/profiler/switches');

const ROOT = { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 };
const PROGRAM = { ...ROOT, functionName: 'program' };

/** Runs in a context for a moment, and returns that, in microseconds. */
function runIn(context) {
  return context.run(() => {
    // The first whole microsecond that begins in the context, and ends in it.
    const moment = Math.ceil(microsecondsNow());
    while (microsecondsNow() <= moment + 1);
    return moment;
  });
}

/** A profile as from V8, with a sample at each of some moments. */
function v8ProfileOf(moments) {
  return {
    nodes: [
      { id: 1, callFrame: ROOT, children: [2] },
      { id: 2, callFrame: PROGRAM },
    ],
    samples: moments.map(() => 2),
    startTime: moments[0],
    timeDeltas: moments.map((moment, index) => (index === 0 ? 0 : moment - moments[index - 1])),
  };
}

/**
 * Makes a profile with one sample in each of some contexts, which run one after the other, and one label.
 *
 * @param {Context[]} contexts
 * @param {string} key
 * @param {object} [options] `timeOf(context)` is how long a context runs at least, in microseconds; `piece` is how many samples are
 *   added at once; `beforeTheEnd` is called before the labels are read for the last time
 * @returns {Profile}
 */
function sampleEach(contexts, key, { timeOf = () => 0, piece = contexts.length, beforeTheEnd = () => {} } = {}) {
  record([key], undefined);
  try {
    const samples = new Samples(1000, 1);
    let end;
    let start;
    for (let at = 0; at < contexts.length; at += piece) {
      const moments = contexts.slice(at, at + piece).map((context) => {
        const moment = runIn(context);
        const until = moment + timeOf(context);
        while (microsecondsNow() < until);
        return moment;
      });
      start ??= moments[0];
      end = Math.ceil(microsecondsNow());
      samples.add(v8ProfileOf(moments), takeChanges(), -Infinity, end);
    }
    beforeTheEnd();
    return new Profile({ interval: 1, keys: [key], startedAt: Date.now(), start, end, ...samples.finish(end) });
  } finally {
    stopRecording();
  }
}

module.exports = { sampleEach };
