'use strict';

const assert = require('node:assert');
const { setTimeout: wait } = require('node:timers/promises');

const { createNamespace, destroyNamespace } = require('context');
const profiler = require('context/profiler');
const { start } = require('context/usage');

const { work } = require('./usage/work');

/** (module (import "m" "suspend" (func)) (import "m" "work" (func)) (func (export "run") call 0 call 1)), with names of one letter. */
const WASM = [
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 4, 1, 0x60, 0, 0],
  ...[2, 13, 2, 1, 0x6d, 1, 0x73, 0, 0, 1, 0x6d, 1, 0x77, 0, 0],
  ...[3, 2, 1, 0],
  ...[7, 5, 1, 1, 0x72, 0, 2],
  ...[10, 8, 1, 6, 0, 0x10, 0, 0x10, 1, 0x0b],
];

/** Ways to run functions of whose beginning the platform says nothing: those that it has. */
function waysToRun() {
  const ways = {};
  if (Array.fromAsync !== undefined) {
    ways.mapper = (run) => Array.fromAsync([1, 2, 3], () => run());
    ways.asyncMapper = (run) =>
      Array.fromAsync([1, 2, 3], async () => {
        run();
        await null;
        run();
      });
  }
  if (globalThis.AsyncDisposableStack !== undefined) {
    ways.disposers = (run) => {
      const stack = new globalThis.AsyncDisposableStack();
      stack.defer(() => run());
      stack.defer(async () => {
        run();
        await null;
      });
      stack.defer(() => run());
      return stack.disposeAsync();
    };
  }
  if (WebAssembly.promising !== undefined) {
    ways.webAssembly = (run) => {
      const imports = { m: { s: new WebAssembly.Suspending(() => wait(1)), w: run } };
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(WASM)), imports);
      return WebAssembly.promising(exports.r)();
    };
  }
  ways.reaction = async (run) => {
    await null;
    run();
  };
  return ways;
}

describe('what runs without a word of the platform', () => {
  it('is counted, and profiled, for what is active there, as get says', async () => {
    const namespace = createNamespace('unhooked');
    const usage = start({ namespaces: [namespace], keys: ['way'] });
    const profiling = await profiler.start({ keys: ['way'], interval: 0.5, namespaces: [namespace] });
    const clock = new Map();
    const run = () => {
      const way = namespace.get('way');
      clock.set(way, (clock.get(way) ?? 0) + work(60));
    };
    for (const [way, begin] of Object.entries(waysToRun())) {
      await namespace.createContext({ way }).run(() => begin(run));
      await wait(40);
    }
    usage.stop();
    const rows = usage.by('way');
    const profile = (await profiling.stop()).by('way');
    destroyNamespace('unhooked');
    const lost = rows.find(({ row }) => row === 'garbage collection').loopTime;
    clock.delete(undefined);
    assert.ok(clock.size > 0);
    for (const [way, time] of clock) {
      const { loopTime, longest } = rows.find(({ row }) => row === way);
      assert.ok(loopTime >= time - lost - 1, `${way}: ${loopTime} of ${time}`);
      assert.ok(longest >= 59, `${way}: ${longest}`);
      assert.ok(profile.find(({ value }) => value === way)?.time > 0, `${way}: ${JSON.stringify(profile)}`);
    }
    const sum = rows.reduce((total, { loopTime }) => total + loopTime, 0);
    assert.ok(Math.abs(sum - usage.wallTime) <= 0.001 * (rows.length + 1), `${sum} of ${usage.wallTime}`);
    // Where the loop has waited, that is nobody's time.
    assert.ok(rows.find(({ row }) => row === 'no context').loopTime >= 0, JSON.stringify(rows));
  });
});
