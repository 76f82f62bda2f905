'use strict';

/** How often a program saw the value that belongs there, none, and that of another unit of work. */
class Counts {
  right = 0;
  lost = 0;
  wrong = 0;

  /** Counts one look. */
  look(value, expected) {
    if (value === expected) this.right++;
    else if (value === undefined || value === null) this.lost++;
    else this.wrong++;
  }

  /** Prints them, and more, as a line of JSON, and ends the process: what is open there does not matter. */
  print(more) {
    process.stdout.write(`${JSON.stringify({ ...this, ...more })}\n`, () => process.exit());
  }
}

module.exports = { Counts };
