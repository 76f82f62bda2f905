'use strict';

/**
 * A source of random numbers that can be had again: xorshift, 32 bits.
 *
 * @param {...number} seeds integers; the same ones give the same numbers
 * @returns {{ below: (limit: number) => number, chance: (share: number) => boolean, pick: <T>(items: T[]) => T }} integers
 *   from 0 up to a limit, true in a share of the cases, one of an array's items
 */
function randomFrom(...seeds) {
  let state = 0x9e3779b9;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (const seed of seeds) {
    // Zero would stay zero for ever.
    state = state ^ seed || 1;
    for (let round = 0; round < 8; round++) next();
  }
  const below = (limit) => next() % limit;
  return { below, chance: (share) => next() < share * 2 ** 32, pick: (items) => items[below(items.length)] };
}

module.exports = { randomFrom };
