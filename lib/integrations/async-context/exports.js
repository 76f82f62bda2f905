'use strict';

const { hidden } = require('../../util/objects');
const { defineTag } = require('./builtin');
const { Snapshot } = require('./snapshot');
const { Variable } = require('./variable');

/** `AsyncContext` of the proposal. Its properties are not enumerable. */
const asyncContext = {};

// Without `__esModule`, compilers copy only enumerable properties for `import * as`.
const properties = { Snapshot, Variable, __esModule: true, default: asyncContext };
for (const [name, value] of Object.entries(properties)) Object.defineProperty(asyncContext, name, hidden(value));
defineTag(asyncContext, 'AsyncContext');

module.exports = asyncContext;
