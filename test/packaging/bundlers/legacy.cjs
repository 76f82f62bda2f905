'use strict';

const { createRequire } = require('node:module');

// As older code loads it, and what loads another copy.
module.exports = {
  index: require('context'),
  cls: require('context/cls'),
  domain: require('context/domain'),
  requireFrom: createRequire,
};
