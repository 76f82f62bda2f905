'use strict';

const assert = require('node:assert');
const { setTimeout: wait } = require('node:timers/promises');

const { createNamespace, destroyNamespace } = require('context');
const profiler = require('context/profiler');
const { start } = require('context/usage');

const engine = require('../../lib/engine');
const { linesOf, runNode } = require('../support/child');
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
      clock.set(way, (clock.get(way) ?? 0) + work(150));
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
      assert.ok(longest >= 149, `${way}: ${longest}`);
      assert.ok(profile.find(({ value }) => value === way)?.time > 0, `${way}: ${JSON.stringify(profile)}`);
    }
    const sum = rows.reduce((total, { loopTime }) => total + loopTime, 0);
    assert.ok(Math.abs(sum - usage.wallTime) <= 0.001 * (rows.length + 1), `${sum} of ${usage.wallTime}`);
    // Where the loop has waited, that is nobody's time.
    assert.ok(rows.find(({ row }) => row === 'no context').loopTime >= 0, JSON.stringify(rows));
  });

  it('is unknown to the core outside of all callbacks alone, and whenever anything may have ended unseen', async () => {
    const { code, stdout, stderr } = await runNode(`
      const { AsyncResource } = require('node:async_hooks');
      const { createNamespace } = require('context');
      const { observe } = require('./lib/engine/tracker');
      const { serialOf } = require('./lib/api/context');
      const { activeRecord, describe } = require('./lib/frames/binding');
      const namespace = createNamespace('unhooked');
      const inContext = (id, callback) => namespace.createContext({ id }).run(callback);
      const say = (what) => {
        const record = activeRecord();
        const serial = describe(record)[0]?.serial ?? 0;
        const isRight = serial === serialOf(namespace.active);
        console.log(what, record < 0 ? 'unknown' : isRight ? namespace.get('id') ?? 'nobody' : 'WRONG');
      };
      const stop = observe();
      say('main script:');
      inContext('m', () => say('run in it:'));
      new Promise(() => {});
      say('after that:');
      stop();
      const resource = new AsyncResource('unhooked');
      const carried = inContext('carried', () => new AsyncResource('unhooked'));
      inContext('early', () => setImmediate(() => {
        carried.runInAsyncScope(() => {
          observe();
          say('started in a scope:');
          new Promise(() => {});
          say('after a promise:');
        });
        say('around it:');
        inContext('inner', () => say('run around it:'));
        say('after that:');
        process.nextTick(() => say('tick:'));
        setImmediate(later);
      }));
      function later() {
        say('immediate:');
        new Promise(() => {});
        say('after a promise:');
        resource.runInAsyncScope(() => say('resource of nobody:'));
        inContext('a', () => {
          resource.runInAsyncScope(() => say('resource of nobody in a:'));
          say('in a:');
          process.nextTick(() => { throw new Error('thrown'); });
          process.nextTick(() => say('tick after an error:'));
        });
        for (const id of ['b', 'c']) inContext(id, () => Promise.reject(new Error('rejected')));
        setImmediate(() => inContext('e', () => setImmediate(() => say('later:'))));
      }
      process.on('uncaughtException', () => say('handler of an error:'));
      process.on('unhandledRejection', () => {
        say('handler of a rejection:');
        inContext('d', () => say('run in it:'));
        say('after that:');
        inContext('d', () => {
          new Promise(() => {});
          say('after a promise:');
        });
      });
      process.on('exit', () => say('exit:'));
    `);
    assert.deepStrictEqual([code, stderr], [0, '']);
    // V8 makes a promise when a mapper is over, too: with the engine that depends on its hooks nobody knows what goes on.
    const inHandler = [
      'handler of a rejection: unknown',
      'run in it: d',
      'after that: unknown',
      `after a promise: ${engine.switchesItself ? 'd' : 'unknown'}`,
    ];
    assert.deepStrictEqual(stdout.trim().split('\n'), [
      ...['main script: nobody', 'run in it: m', 'after that: nobody'],
      ...[
        'started in a scope: carried',
        'after a promise: carried',
        'around it: early',
        'run around it: inner',
        'after that: early',
      ],
      ...['tick: early', 'immediate: early', 'after a promise: early', 'resource of nobody: nobody'],
      ...['resource of nobody in a: nobody', 'in a: a', 'handler of an error: a', 'tick after an error: a'],
      ...inHandler,
      ...inHandler,
      ...['later: e', 'exit: unknown'],
    ]);
  });

  for (const [how, scope] of Object.entries({
    'begins to be active after a while': 'work(100); inContext(() => busy(50));',
    'runs microtasks itself, by process._tickCallback()': `inContext(() => {
      for (let n = 0; n < 2; n++) {
        Promise.resolve().then(() => new Promise(() => {}));
        process.nextTick(() => {});
        process._tickCallback();
        busy(50);
      }
    });`,
  })) {
    it(`has its own time in the main script, if it ${how}`, async () => {
      const [line] = await linesOf(`
        const { createNamespace } = require('context');
        const { work } = require('./test/observing/usage/work');
        const namespace = createNamespace('unhooked');
        namespace.run(() => new Promise(() => {}));
        let [least, most] = [0, 0];
        const busy = (ms) => (least += work(ms));
        function inContext(callback) {
          const begin = performance.now();
          namespace.createContext({ id: 'x' }).run(callback);
          most += performance.now() - begin;
        }
        const usage = require('context/usage').start({ namespaces: [namespace], keys: ['id'] });
        ${scope}
        new Promise(() => {});
        work(100);
        Promise.resolve().then(() => work(100));
        setImmediate(() => {
          work(100);
          usage.stop();
          const times = Object.fromEntries(usage.by('id').map(({ row, loopTime }) => [row, loopTime]));
          console.log(JSON.stringify([least, times.x + times['garbage collection'], times.x, most]));
        });
      `);
      const [least, withCollections, loopTime, most] = JSON.parse(line);
      assert.ok(withCollections >= least - 1 && loopTime <= most + 1, line);
    });
  }
});
