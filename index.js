'use strict';

const { exportsOf } = require('./lib/copies');

module.exports = exportsOf('index');

// Never runs. Node.js finds the names of exports for `import` here.
// eslint-disable-next-line no-constant-binary-expression, no-undef
0 && (module.exports = { bind, createNamespace, destroyNamespace, detach, engine, getNamespace, snapshot, stats });
