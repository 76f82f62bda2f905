'use strict';

const { start } = require('context/usage');

/** Calls a function with a usage that counts until that is over, and returns what it returned. */
async function counting(options, callback) {
  const usage = start(options);
  try {
    return await callback(usage);
  } finally {
    usage.stop();
  }
}

/** What programs that run in a process of their own begin with. */
const HEAD = `
  const assert = require('assert');
  const { createNamespace } = require('context');
  const { start } = require('context/usage');
  const { work } = require('./test/observing/usage/work');
  const namespace = createNamespace('usage program');
  const rowOf = (usage, key, row) => usage.by(key).find((each) => each.row === row);
  const runWith = (key, value, callback) => namespace.createContext({ [key]: value }).run(callback);
  const sumOf = (usage) => usage.by('id').reduce((total, { loopTime }) => total + loopTime, 0);
  const assertSum = (usage) => assert.ok(Math.abs(sumOf(usage) - usage.wallTime) < 0.1, sumOf(usage) + ' of ' + usage.wallTime);
  const lost = (usage) => rowOf(usage, 'id', 'garbage collection').loopTime;
  const listeners = () => process.listenerCount('uncaughtExceptionMonitor');
`;

module.exports = { HEAD, counting };
