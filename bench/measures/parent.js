'use strict';

/** Answers each message of the parent process with the CPU time used so far, in microseconds, and ends with it. */
function answerParent() {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send({ cpu: user + system });
  });
  process.on('disconnect', () => process.exit());
}

module.exports = { answerParent };
