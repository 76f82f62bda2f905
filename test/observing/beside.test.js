'use strict';

const assert = require('node:assert');

const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');

const { createNamespace, destroyNamespace } = require('context');
const { Variable } = require('context/async-context');
const cls = require('context/cls');
const domain = require('context/domain');
const { ContextManager } = require('context/opentelemetry');
const profiler = require('context/profiler');
const usage = require('context/usage');

/** What carries contexts that are not those of a namespace, by how it calls a function in one. */
const others = {
  'a Variable': (f) => new Variable().run('value', f),
  OpenTelemetry: (f) => new ContextManager().with(ROOT_CONTEXT.setValue(createContextKey('key'), 1), f),
  'context/cls': (f) => (cls.getNamespace('beside') ?? cls.createNamespace('beside')).runAndReturn(f),
  'context/domain': (f) => domain.create().run(f),
};

function work(milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe('what observes, beside contexts of', () => {
  after(() => cls.destroyNamespace('beside'));

  for (const [name, runInOther] of Object.entries(others)) {
    it(`${name}: usage and the profiler know the context of the namespace`, async () => {
      const namespace = createNamespace('beside');
      const meter = usage.start({ keys: ['id'] });
      const profile = profiler.start({ keys: ['id'] });
      const context = namespace.createContext({ id: 'own' });
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
