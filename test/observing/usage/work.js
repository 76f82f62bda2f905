'use strict';

let sum = 1;

/** Works for some microseconds, and leaves no garbage, as reading the clock does. */
function compute() {
  for (let index = 0; index < 20_000; index++) sum = (sum * 1_103_515_245 + index) | 0;
}

/** Keeps the loop for a time at least, and returns how long that was by this clock, in milliseconds. */
function work(ms) {
  const begin = performance.now();
  const end = begin + ms;
  let now = begin;
  while (now < end) {
    if (end - now > 0.1) compute();
    now = performance.now();
  }
  return now - begin;
}

module.exports = { work };
