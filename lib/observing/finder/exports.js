'use strict';

const { clear, findings } = require('./finder');

module.exports = { clear, findings };
