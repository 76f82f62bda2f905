'use strict';

const { exportsOf } = require('./lib/copies');

module.exports = exportsOf('index');

// Never run. Node.js reads the names for `import` from it.
// eslint-disable-next-line no-constant-binary-expression, no-undef
0 && (module.exports = { bind, createNamespace, destroyNamespace, engine, getNamespace, snapshot, stats });
