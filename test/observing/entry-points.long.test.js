'use strict';

const assert = require('node:assert');

const { runNode } = require('../support/child');

const ENTRY_POINTS = ['', '/async-context', '/cls', '/domain', '/http', '/opentelemetry', '/profiler', '/usage', '/watchdog'].map(
  (name) => `context${name}`,
);

/** Counts the samples that V8's profiler takes of a loop that waits: two at most if its signals are held back. */
const SAMPLES = `
  const { Session } = require('node:inspector');
  async function samplesOfWaiting() {
    const session = new Session();
    session.connect();
    for (const method of ['enable', 'start']) session.post('Profiler.' + method);
    await new Promise((resolve) => setTimeout(resolve, 300));
    return new Promise((resolve) => {
      session.post('Profiler.stop', (error, { profile }) => resolve(profile.samples.length));
    }).finally(() => session.disconnect());
  }
`;

/** What of the process others would notice, if it changes. */
const STATE = `
  const asyncHooks = require('node:async_hooks');
  const { promiseHooks } = require('node:v8');
  const { channel } = require('node:diagnostics_channel');
  const { execFileSync } = require('node:child_process');
  const fs = require('node:fs');

  let enabled = 0;
  for (const [holder, name] of [[asyncHooks, 'createHook'], [promiseHooks, 'createHook']]) {
    const original = holder[name];
    holder[name] = (callbacks) => {
      if (holder === promiseHooks) enabled++;
      const hook = original(callbacks);
      const { enable } = hook;
      if (enable !== undefined) hook.enable = function () { enabled++; return enable.call(this); };
      return hook;
    };
  }
  const objects = [process, Promise, Promise.prototype, Error, require('node:events').prototype, require('node:timers'),
    require('node:http').Server.prototype, require('node:http').ServerResponse.prototype, require('node:net').Socket.prototype,
    require('node:module'), asyncHooks, asyncHooks.AsyncResource.prototype, asyncHooks.AsyncLocalStorage.prototype, require('node:domain')];
  const channels = ['http.server.request.start', 'http.server.response.finish', 'net.server.socket', 'context.end', 'context.create'];
  function state() {
    const properties = objects.map((object) => Reflect.ownKeys(object).map((key) => {
      const { value, get } = Object.getOwnPropertyDescriptor(object, key);
      return [key, typeof value === 'function' ? value : get];
    }));
    const status = fs.existsSync('/proc/self/status') ? fs.readFileSync('/proc/self/status', 'utf8') : '';
    return {
      properties, enabled, globals: Object.getOwnPropertyNames(globalThis).length,
      signals: status.match(/^Sig(Blk|Ign|Cgt):.*/gm),
      listeners: process.eventNames().map((name) => [name, process.listenerCount(name)]),
      resources: process.getActiveResourcesInfo(),
      channels: channels.filter((name) => channel(name).hasSubscribers),
      isTracked: Object.getOwnPropertySymbols(Promise.resolve()).length > 0,
    };
  }
`;

describe('an entry point', () => {
  for (const name of ENTRY_POINTS) {
    it(`changes nothing of the process if it is loaded: ${name}`, async () => {
      const { code, stderr } = await runNode(`
        ${STATE} ${SAMPLES}
        const assert = require('node:assert');
        const before = state();
        require('${name}');
        const after = state();
        for (const each of [before, after]) each.properties[0] = each.properties[0].filter(([key]) =>
          key !== 'namespaces' && !(typeof key === 'symbol' && key.description.startsWith('context.')));
        const [old, ...changed] = [before, after].map(({ properties }) => new Map(properties.flatMap((own, index) =>
          own.map(([key, value]) => [index + ' ' + String(key), value]))));
        for (const now of changed) assert.deepStrictEqual(
          [...now.keys(), ...old.keys()].filter((key) => now.get(key) !== old.get(key) || now.has(key) !== old.has(key)), []);
        delete before.properties;
        delete after.properties;
        assert.deepStrictEqual(after, before);
        samplesOfWaiting().then((count) => assert.ok(count >= 20, count + ' samples'));
      `);
      assert.strictEqual(code, 0, stderr);
    });
  }

  it('that observes leaves nothing behind, in whatever order several are stopped', async () => {
    const { code, stderr } = await runNode(`
      ${SAMPLES}
      const assert = require('node:assert');
      const observers = {
        usage: () => require('context/usage').start(),
        watchdog: () => require('context/watchdog').start(),
        profiler: () => require('context/profiler').continuous({ labels: [] }, () => {}),
      };
      (async () => {
        const names = Object.keys(observers);
        for (let turn = 0; turn < names.length; turn++) {
          const listeners = process.eventNames().map((name) => [name, process.listenerCount(name)]);
          const resources = process.getActiveResourcesInfo();
          const running = names.map((name) => observers[name]());
          running[turn].stop();
          running[turn].stop();
          assert.ok(await samplesOfWaiting() <= 10, 'while two observe');
          running[(turn + 1) % 3].stop();
          assert.ok(await samplesOfWaiting() <= 10, 'while one observes');
          running[(turn + 2) % 3].stop();
          const count = await samplesOfWaiting();
          assert.ok(count >= 20, count + ' samples');
          assert.deepStrictEqual(process.eventNames().map((name) => [name, process.listenerCount(name)]), listeners);
          assert.deepStrictEqual(process.getActiveResourcesInfo(), resources);
        }
        const failed = require('context/usage').start();
        assert.throws(() => require('context/usage').start());
        failed.stop();
        assert.ok(await samplesOfWaiting() >= 20);
      })();
    `);
    assert.strictEqual(code, 0, stderr);
  });
});
