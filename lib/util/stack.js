'use strict';

/**
 * Functions that briefly use some stack. Operations that must not fail halfway begin with one: near the end of the stack it throws
 * V8's RangeError before anything has changed.
 */

const { hasOwnProperty } = Object.prototype;

const makeBound = (count) => hasOwnProperty.bind({ __proto__: null }, ...new Array(count).fill(0));

/**
 * Creates such a function. A bound one pushes its arguments at once, at a third of the price of `apply`. Two take turns: V8's compiler
 * inlines a call that always goes to the same one, which then checks no stack.
 * @param {number} count of words
 */
function useWords(count) {
  const one = makeBound(count);
  const other = makeBound(count);
  let next = one;
  return () => {
    next = next === one ? other : one;
    next();
  };
}

/** What emitting an event needs, and some more. */
const reserveLittleStack = useWords(256);

/** Four times what enabling a hook needs. */
const reserveSomeStack = useWords(1024);

module.exports = { reserveLittleStack, reserveSomeStack, useWords };
