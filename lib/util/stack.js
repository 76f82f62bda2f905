'use strict';

const { apply } = Reflect;

/** In words: more than any call into Node.js takes that begins or ends something. */
const MUCH = 8192;

const padding = new Array(MUCH).fill(0);

/**
 * Takes much of the stack, for a moment. What must not be left half done begins with this: near the end of the stack it is here that it
 * throws, when nothing has changed.
 *
 * @throws {RangeError} of V8
 */
function reserveMuchStack() {
  apply(ignore, undefined, padding);
}

function ignore() {}

module.exports = { reserveMuchStack };
