'use strict';

const { exportsOf } = require('../../copies');

module.exports = exportsOf('async-context');

// Never runs. Node.js finds the names of exports for `import` here.
// eslint-disable-next-line no-constant-binary-expression, no-undef
0 && (module.exports = { Snapshot, Variable });
