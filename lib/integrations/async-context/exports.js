'use strict';

const { defineTag } = require('./builtin');
const { Snapshot } = require('./snapshot');
const { Variable } = require('./variable');

/** An object with the properties that `AsyncContext` has in the proposal: they are not enumerable. */
const asyncContext = {};

function define(name, value) {
  Object.defineProperty(asyncContext, name, { __proto__: null, value, configurable: true, writable: true });
}

define('Snapshot', Snapshot);
define('Variable', Variable);
defineTag(asyncContext, 'AsyncContext');

// For `import * as` compilers copy what is enumerable, unless a module says that it was compiled itself.
define('__esModule', true);
define('default', asyncContext);

module.exports = asyncContext;
