'use strict';

/** The finder of this thread. Apart from its code, so that programs can ask for findings without loading the compiler. */
module.exports = { __proto__: null, finder: undefined };
