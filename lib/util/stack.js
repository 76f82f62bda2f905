'use strict';

const { apply } = Reflect;

/** In words: four times what enabling a hook needs at most. */
const SOME = 1024;

/** In words: what starting or stopping an observer needs, as V8 may have to compile its functions first. A stack of 100 KB has room for it. */
const MUCH = 6144;

const paddings = { some: new Array(SOME).fill(0), much: new Array(MUCH).fill(0) };

function ignore() {}

/**
 * Uses some of the stack, for a moment. What must not be left half done begins with this: near the end of the stack it is here that it
 * throws, when nothing has changed.
 *
 * @throws {RangeError} of V8
 */
function reserveSomeStack() {
  apply(ignore, undefined, paddings.some);
}

/** The same, for what needs more. */
function reserveMuchStack() {
  apply(ignore, undefined, paddings.much);
}

module.exports = { reserveMuchStack, reserveSomeStack };
