'use strict';

/**
 * A thread that performs the half of random programs: `workerData.half` is what apart.js exports. Sends back the notes, and whether
 * promises have ids of Node.js at the end: somebody has it track them.
 */

const { executionAsyncId } = require('node:async_hooks');
const { parentPort, workerData } = require('node:worker_threads');

const halves = require('./apart');
const { Run } = require('./interpreter');
const { Others } = require('./others');

const Half = halves[workerData.half];

/** Gives each statement a label of its own: callbacks may come in another order in each thread, and must not be taken for one another. */
function label(program) {
  let number = 0;
  JSON.stringify(program, (key, value) => {
    if (value?.do !== undefined) value.label = `${value.do} ${number++}`;
    return value;
  });
}

async function perform({ program, seed }) {
  const others = seed === undefined ? undefined : new Others(seed);
  await others?.actBefore();
  Half.switchOn();
  const half = new Half(others);
  label(program);
  try {
    await new Run(half).perform(program);
    await null;
    return { notes: half.all, isTracked: executionAsyncId() !== 0 };
  } catch (error) {
    return { failure: error.stack };
  }
}

parentPort.on('message', async (message) => parentPort.postMessage({ ...(await perform(message)), number: message.number }));
