'use strict';

/** Prints the code of the error with which an entry point is refused, or nothing: `refused.js context/domain`. */
try {
  require(process.argv[2]);
} catch ({ code }) {
  console.log(code);
}
