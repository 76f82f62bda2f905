'use strict';

/**
 * Functions that briefly use some stack. Operations that must not fail halfway begin with one: near the end of the stack it throws
 * V8's RangeError before anything has changed.
 */

const { hasOwnProperty } = Object.prototype;

/** A bound function pushes its arguments at once, at a third of the price of `apply`, and no compiler can remove them. */
const useWords = (count) => hasOwnProperty.bind({ __proto__: null }, ...new Array(count).fill(0));

/** What emitting an event needs, and some more. */
const reserveLittleStack = useWords(256);

/** Four times what enabling a hook needs. */
const reserveSomeStack = useWords(1024);

/** What starting or stopping an observer needs, including compilation by V8. Fits a stack of 100 KB. */
const reserveMuchStack = useWords(6144);

module.exports = { reserveLittleStack, reserveMuchStack, reserveSomeStack, useWords };
