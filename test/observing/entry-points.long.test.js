'use strict';

const { itRuns } = require('./programs');

/** Text for programs: \`state\` is what of the process others would notice if it changes; \`samplesOfWaiting\` counts V8's samples. */
const HEAD = `
  const assert = require('node:assert');
  const asyncHooks = require('node:async_hooks');
  const { promiseHooks } = require('node:v8');
  const { channel } = require('node:diagnostics_channel');
  const { Session } = require('node:inspector');
  const fs = require('node:fs');

  /** The samples that V8's profiler takes of a loop that waits: a few if its signals are held back. */
  async function samplesOfWaiting() {
    const session = new Session();
    session.connect();
    for (const method of ['enable', 'start']) session.post('Profiler.' + method);
    await new Promise((resolve) => setTimeout(resolve, 300));
    return new Promise((resolve) => {
      session.post('Profiler.stop', (error, { profile }) => resolve(profile.samples.length));
    }).finally(() => session.disconnect());
  }

  let enabled = 0;
  for (const holder of [asyncHooks, promiseHooks]) {
    const { createHook } = holder;
    holder.createHook = (callbacks) => {
      if (holder === promiseHooks) enabled++;
      const hook = createHook(callbacks);
      const { enable } = hook;
      if (enable !== undefined) hook.enable = function () { enabled++; return enable.call(this); };
      return hook;
    };
  }
  const objects = [process, Promise, Promise.prototype, Error, require('node:events').prototype, require('node:timers'),
    require('node:http').Server.prototype, require('node:http').ServerResponse.prototype, require('node:net').Socket.prototype,
    require('node:module'), asyncHooks, asyncHooks.AsyncResource.prototype, asyncHooks.AsyncLocalStorage.prototype, require('node:domain')];
  const channels = ['http.server.request.start', 'http.server.response.finish', 'net.server.socket', 'context.end', 'context.create'];
  const listenersAndResources = () =>
    [process.eventNames().map((name) => [name, process.listenerCount(name)]), process.getActiveResourcesInfo()];
  function state() {
    const properties = new Map(objects.flatMap((object, index) => Reflect.ownKeys(object).map((key) => {
      const { value, get } = Object.getOwnPropertyDescriptor(object, key);
      return [index + ' ' + String(key), typeof value === 'function' ? value : get];
    })));
    for (const name of properties.keys()) if (/^0 (namespaces|Symbol\\(context\\.)/.test(name)) properties.delete(name);
    const status = fs.existsSync('/proc/self/status') ? fs.readFileSync('/proc/self/status', 'utf8') : '';
    return {
      properties, enabled, globals: Object.getOwnPropertyNames(globalThis).length,
      signals: status.match(/^Sig(Blk|Ign|Cgt):.*/gm),
      others: listenersAndResources(),
      channels: channels.filter((name) => channel(name).hasSubscribers),
      isTracked: Object.getOwnPropertySymbols(Promise.resolve()).length > 0,
    };
  }
`;

const NAMES = [
  '',
  '/async-context',
  '/cls',
  '/domain',
  '/finder',
  '/http',
  '/leaks',
  '/opentelemetry',
  '/profiler',
  '/usage',
  '/watchdog',
];

const loads = NAMES.map((name) => [
  `changes nothing of the process if it is loaded: context${name}`,
  `
    const { properties: before, ...rest } = state();
    require('context${name}');
    const { properties: after, ...restAfter } = state();
    const names = [...new Set([...before.keys(), ...after.keys()])];
    const changed = names.filter((key) => before.get(key) !== after.get(key) || before.has(key) !== after.has(key));
    assert.deepStrictEqual(changed, []);
    assert.deepStrictEqual(restAfter, rest);
    samplesOfWaiting().then((count) => {
      assert.ok(count >= 20, count + ' samples');
      console.log('done');
    });
  `,
]);

describe('an entry point', () => {
  itRuns(Object.fromEntries(loads), { head: HEAD });
  itRuns(
    {
      'that observes leaves nothing behind, in whatever order several are stopped': `
        const observers = [
          () => require('context/usage').start(),
          () => require('context/watchdog').start(),
          () => require('context/profiler').continuous({ keys: [] }, () => {}),
        ];
        (async () => {
          for (let turn = 0; turn < 3; turn++) {
            const before = listenersAndResources();
            const running = observers.map((start) => start());
            running[turn].stop();
            running[turn].stop();
            assert.ok(await samplesOfWaiting() <= 10, 'while two observe');
            running[(turn + 1) % 3].stop();
            assert.ok(await samplesOfWaiting() <= 10, 'while one observes');
            running[(turn + 2) % 3].stop();
            const count = await samplesOfWaiting();
            assert.ok(count >= 20, count + ' samples');
            assert.deepStrictEqual(listenersAndResources(), before);
          }
          const failed = require('context/usage').start();
          assert.throws(() => require('context/usage').start());
          failed.stop();
          assert.ok(await samplesOfWaiting() >= 20);
          console.log('done');
        })();
      `,
    },
    { head: HEAD },
  );
});
