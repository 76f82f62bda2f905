'use strict';

/** Starts and stops a watchdog so many times, while contexts come and go: `node starts.js <times>`. */

const { createNamespace } = require('context');
const { start } = require('context/watchdog');

const times = Number(process.argv[2]);
const namespace = createNamespace('starts').expose('id');

async function main() {
  for (let i = 0; i < times; i++) {
    const watchdog = start({ threshold: 10, destination: '/dev/null' });
    namespace.run(() => namespace.set('id', i));
    if (i % 100 === 0) await new Promise(setImmediate);
    watchdog.stop();
  }
  console.log(`${times} starts and stops`);
}

main();
