'use strict';

const assert = require('node:assert');

const { createNamespace, destroyNamespace } = require('context');
const profiler = require('context/profiler');
const usage = require('context/usage');
const others = require('../integrations/others');
const { work } = require('./usage/work');

describe('what observes, beside contexts of', () => {
  for (const [name, make] of Object.entries(others)) {
    it(`${name}: usage and the profiler know the context of the namespace`, async () => {
      const namespace = createNamespace('beside');
      const meter = usage.start({ keys: ['id'] });
      const profile = profiler.start({ keys: ['id'] });
      const context = namespace.createContext({ id: 'own' });
      const runInOther = (f) => make().run(f);
      const inOther = () => new Promise((done) => setTimeout(() => done(work(150)), 1));
      await context.run(() => runInOther(inOther));
      await runInOther(() => context.run(inOther));
      await runInOther(inOther);
      const result = await (await profile).stop();
      const { loopTime } = meter.of(context);
      meter.stop();
      destroyNamespace('beside');
      assert.ok(loopTime >= 150 && loopTime < meter.wallTime - 140, `${loopTime} ms`);
      const { share } = result.by('id').find(({ value }) => value === 'own') ?? { share: 0 };
      assert.ok(share > 0.3, `${share} of the samples`);
    });
  }
});
