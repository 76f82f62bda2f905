'use strict';

const { useWords } = require('../util/stack');

/** What starting or stopping an observer needs, including compilation by V8. Fits a stack of 100 KB. */
const reserveMuchStack = useWords(6144);

module.exports = { reserveMuchStack };
