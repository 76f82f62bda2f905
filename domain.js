'use strict';

module.exports = require('./lib/domain');
