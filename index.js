'use strict';

const { exportsOf } = require('./lib/copies');

module.exports = exportsOf('index');
