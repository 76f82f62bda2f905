'use strict';

const assert = require('node:assert');
const inspector = require('node:inspector');

const { createNamespace } = require('context');
const { start } = require('context/profiler');

const { itRuns, outputOf } = require('../programs');
const { burn, startSampling } = require('./burn');

const keys = ['route'];

describe('start of context/profiler', () => {
  it('gives the same profile each time that it is stopped, without touching one that began later', async () => {
    const profiling = await start({ keys });
    const [one, two] = await Promise.all([profiling.stop(), profiling.stop()]);
    assert.strictEqual(one, two);
    const next = await startSampling({ keys });
    assert.strictEqual(await profiling.stop(), one);
    burn();
    assert.ok((await next.stop()).sampleCount > 0);
  });

  it('makes handles that nobody else can make', async () => {
    const profiling = await start({ keys });
    assert.throws(() => new profiling.constructor({}, { keys }), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
    await profiling.stop();
  });

  it('has nothing to do with another session of the inspector, its interval, its stop and its disable', async () => {
    const session = new inspector.Session();
    session.connect();
    const post = (method, parameters) =>
      new Promise((resolve, reject) => {
        session.post(`Profiler.${method}`, parameters, (error, result) => (error ? reject(error) : resolve(result)));
      });
    try {
      await post('enable');
      await post('setSamplingInterval', { interval: 20_000 });
      await post('start');
      const profiling = await start({ keys, interval: 0.5 });
      console.profile('of somebody else');
      burn(200);
      const { profile: others } = await post('stop');
      await post('disable');
      console.profileEnd('of somebody else');
      const after = createNamespace('beside').createContext({ route: '/after' });
      after.run(() => burn());
      const profile = await profiling.stop();
      assert.ok(profile.sampleCount > 2 * others.samples.length, `${profile.sampleCount}, ${others.samples.length}`);
      assert.ok(profile.by('route').some(({ value }) => value === '/after'));
      for (const method of ['enable', 'start', 'stop']) await post(method);
    } finally {
      session.disconnect();
    }
  });

  it('fails with what V8 said if it gives no profiles, and works when it does', async () => {
    const stdout = await outputOf(`
      const inspector = require('node:inspector');
      const { post } = inspector.Session.prototype;
      inspector.Session.prototype.post = function (method, parameters, callback) {
        if (method === 'Profiler.start') callback({ code: -32000, message: 'not today' });
        else post.call(this, method, parameters, callback);
      };
      const { start } = require('context/profiler');
      start({ keys: [] }).catch(({ code, message }) => {
        console.log(code, message);
        inspector.Session.prototype.post = post;
        return start({ keys: [] }).then((profiling) => profiling.stop()).then(() => console.log('stopped'));
      });
    `);
    assert.strictEqual(stdout, "ERR_CONTEXT_PROFILER V8's inspector failed to run Profiler.start: not today\nstopped\n");
  });

  it('has no labels, and warns, if the clock of V8 is another one', async () => {
    const stdout = await outputOf(`
      const inspector = require('node:inspector');
      const { post } = inspector.Session.prototype;
      inspector.Session.prototype.post = function (method, parameters, callback = parameters) {
        const change = ({ profile }) => {
          profile.startTime += 1e9;
          profile.endTime += 1e9;
          return { profile };
        };
        if (method !== 'Profiler.stop') return post.call(this, method, parameters, callback);
        post.call(this, method, (error, result) => callback(error, result && change(result)));
      };
      const { createNamespace } = require('context');
      const { burn, startSampling } = require('./test/observing/profiler/burn');
      process.removeAllListeners('warning').on('warning', ({ code, message }) => console.log(code, message));
      startSampling({ keys: ['id'], interval: 0.5 }).then(async (profiling) => {
        createNamespace('clock').createContext({ id: 1 }).run(() => burn());
        const profile = await profiling.stop();
        console.log(profile.sampleCount > 0, profile.by('id').map(({ value }) => value));
      });
    `);
    assert.match(stdout, /^true \[ undefined \]\nCONTEXT_PROFILER .*V8's clock is not the system's monotonic clock here/);
  });

  itRuns({
    'keeps no process alive, and ends with a worker that is terminated': `
      const { Worker } = require('node:worker_threads');
      const { continuous } = require('context/profiler');
      continuous({ keys: [] }, () => {});
      const worker = new Worker(\`
        const { createNamespace } = require('context');
        require('context/profiler').start({ keys: ['id'] }).then(() => {
          require('node:worker_threads').parentPort.postMessage('runs');
          createNamespace('x').run(async () => { for (;;) await undefined; });
        });
      \`, { eval: true });
      worker.on('message', async () => (await worker.terminate()) === 1 && console.log('done'));
    `,
  });
});
