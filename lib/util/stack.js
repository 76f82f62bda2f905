'use strict';

const { apply } = Reflect;

/** In words: four times what enabling a hook needs at most. A small stack (`stackSizeMb: 0.3` of a worker) has room for it. */
const MUCH = 1024;

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
