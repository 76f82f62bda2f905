'use strict';

/** Prints the code of the error with which context/domain is refused, or nothing. */
try {
  require('context/domain');
} catch ({ code }) {
  console.log(code);
}
