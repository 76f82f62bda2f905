'use strict';

const { apply } = Reflect;

/** In words: what emitting an event needs, and some more. */
const LITTLE = 256;

/** In words: four times what enabling a hook needs. */
const SOME = 1024;

/** In words: what starting or stopping an observer needs, including compilation by V8. Fits a stack of 100 KB. */
const MUCH = 6144;

const paddings = { little: new Array(LITTLE).fill(0), some: new Array(SOME).fill(0), much: new Array(MUCH).fill(0) };

function ignore() {}

/**
 * Briefly uses some stack. Operations that must not fail halfway begin with this: near the end of the stack it throws before
 * anything has changed.
 * @throws {RangeError} of V8
 */
function reserveSomeStack() {
  apply(ignore, undefined, paddings.some);
}

function reserveLittleStack() {
  apply(ignore, undefined, paddings.little);
}

function reserveMuchStack() {
  apply(ignore, undefined, paddings.much);
}

module.exports = { reserveLittleStack, reserveMuchStack, reserveSomeStack };
