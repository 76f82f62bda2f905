'use strict';

/** Is forked by a process that is watched. Says what it has of that: or blocks, watched itself, if it is told so. */

const fs = require('node:fs');

const { start } = require('context/watchdog');

const NAME = 'context-watch\n';

/** What the system says of this process, as far as it does. */
function facts() {
  if (process.platform !== 'linux') return {};
  const list = (name) => fs.readdirSync(`/proc/self/${name}`);
  const files = list('fd').flatMap((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return []; // the one by which the folder was read
    }
  });
  const threads = list('task').filter((task) => fs.readFileSync(`/proc/self/task/${task}/comm`, 'utf8') === NAME);
  const signals = fs.readFileSync('/proc/self/status', 'utf8').match(/^Sig(?:Blk|Ign):.*/gm);
  return { files, threads, signals };
}

if (process.argv[2] === 'block') {
  start({ threshold: 20, destination: 1 });
  setTimeout(() => {
    for (;;);
  }, 10);
} else {
  const found = facts();
  start({ threshold: 10_000 }).stop();
  process.send({ ...found, starts: true }, () => process.disconnect());
}
