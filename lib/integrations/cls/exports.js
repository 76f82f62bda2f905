'use strict';

const { ERROR_SYMBOL } = require('./namespace');
const { createNamespace, destroyNamespace, getNamespace, reset } = require('./registry');

module.exports = { ERROR_SYMBOL, createNamespace, destroyNamespace, getNamespace, reset };
