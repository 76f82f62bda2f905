'use strict';

/**
 * Blocks a thread, for some milliseconds or forever, in all the ways in which V8 may be interrupted or terminated: in JavaScript and
 * native code, while waiting, in callbacks from V8, at the end of the stack.
 */

const { spawnSync } = require('node:child_process');
const { pbkdf2Sync } = require('node:crypto');
const vm = require('node:vm');

const between = (least, most) => least + Math.random() * (most - least);

function spin(milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

async function spinInMicrotasks(milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) await null;
}

const wait = (milliseconds) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

/** Runs a function in a node:vm script with a timeout. */
function timeOut(call) {
  globalThis.callOfScript = call;
  try {
    vm.runInThisContext('callOfScript()', { timeout: Math.ceil(between(1, 30)) });
  } catch (error) {
    if (error.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
  }
}

const recurse = () => recurse();

function fillStack() {
  try {
    recurse();
  } catch {
    spin(10);
  }
}

const BLOCKS = [
  ...[() => spin(between(1, 40)), () => wait(between(1, 40)), () => spin(Infinity), () => wait(Infinity)],
  ...[() => timeOut(() => spin(Infinity)), () => timeOut(() => wait(Infinity)), fillStack, () => spinInMicrotasks(30)],
  () => /^(a+)+$/.test(`${'a'.repeat(between(18, 30))}b`),
  () => JSON.parse(`[${'{"a":[1,2,3]},'.repeat(between(2e4, 12e4))}1]`),
  () => JSON.stringify({ toJSON: () => spin(20) }),
  () => 'a'.repeat(100).replace(/a/g, () => spin(0.3)),
  () => new Proxy({}, { get: () => spin(20) }).property,
  () => Array.from({ length: between(5e4, 25e4) }, Math.random).sort(),
  () => structuredClone(Array.from({ length: 1e5 }, (_, index) => ({ index }))),
  () => pbkdf2Sync('a', 'b', between(1e4, 7e4) | 0, 64, 'sha512'),
  () => spawnSync('true'),
];

/** Calls a function inside n calls, whose file name is so long that reading it takes milliseconds. */
const inLongNames = vm.runInThisContext('(function deep(n, call) { return n > 0 ? deep(n - 1, call) : call(); })', {
  filename: `file:///${'x'.repeat(1e5)}`,
});

/** Blocks in a random way. */
function blockOddly() {
  const block = BLOCKS[Math.floor(Math.random() * BLOCKS.length)];
  if (Math.random() < 0.5) block();
  else inLongNames(Math.floor(between(0, 49)), block);
}

module.exports = { blockOddly };
