'use strict';

const { exportsOf } = require('../../copies');

module.exports = exportsOf('async-context');

// Never run. Node.js reads the names for `import` from it.
// eslint-disable-next-line no-constant-binary-expression, no-undef
0 && (module.exports = { Snapshot, Variable });
