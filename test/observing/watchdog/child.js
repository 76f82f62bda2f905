'use strict';

/** Is forked by a process that is watched: sends what it has inherited, or blocks if its argument says so. */

const fs = require('node:fs');

const { start } = require('context/watchdog');

/** Its open files, the threads of a watchdog, and which signals it blocks and ignores. */
function inherited() {
  const list = (name) => fs.readdirSync(`/proc/self/${name}`);
  const files = list('fd').flatMap((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return []; // the one by which the folder was read
    }
  });
  const threads = list('task').filter((task) => fs.readFileSync(`/proc/self/task/${task}/comm`, 'utf8') === 'context-watch\n');
  const signals = fs.readFileSync('/proc/self/status', 'utf8').match(/^Sig(?:Blk|Ign):.*/gm);
  return { files, threads, signals };
}

if (process.argv[2] === 'block') {
  start({ threshold: 20, destination: 1 });
  setTimeout(() => {
    for (;;);
  }, 10);
} else {
  const found = process.platform === 'linux' ? inherited() : {};
  start({ threshold: 10_000 }).stop();
  process.send({ ...found, starts: true }, () => process.disconnect());
}
