'use strict';

/**
 * One case of one size, in a process of its own: `child.js <index of the case> <size>`. Prints the time of the processor that it
 * took, in milliseconds; other programs that keep the machine busy do not count in it.
 */

const { cases } = require('./cases');

async function main([index, size]) {
  // Of contexts that are nested deep.
  process.on('warning', () => {});
  const { prepare, run } = cases[index];
  prepare?.(Number(size));
  const before = process.cpuUsage();
  await run(Number(size));
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(String((user + system) / 1000));
}

main(process.argv.slice(2));
