'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');

const { createNamespace } = require('context');

const { assertActive } = require('../support/core-view');

const namespace = createNamespace('default');
const create = () => namespace.createContext();

describe('the default context', () => {
  it('is active if no other is, and never null', () => {
    const own = createNamespace('default.active');
    const outermost = own.active;
    assert.ok(outermost instanceof EventEmitter);
    own.run(() => assert.notStrictEqual(own.active, outermost));
    assertActive(outermost);
  });

  it('hides all other contexts if it is run', async () => {
    const outermost = namespace.active;
    namespace.set('hidden', 'default');
    await namespace.run(async () => {
      const context = namespace.active;
      namespace.set('hidden', 'inner');
      await outermost.run(async () => {
        assertActive(outermost);
        assert.strictEqual(namespace.get('hidden'), 'default');
        await null;
        assertActive(outermost);
        namespace.run(() => assert.strictEqual(namespace.get('hidden'), 'default'));
      });
      assertActive(context);
    });
    outermost.delete('hidden');
  });

  it('can be entered and exited', () => {
    const outermost = namespace.active;
    assert.throws(() => outermost.exit(), { code: 'ERR_CONTEXT_NOT_ENTERED' });
    const context = create();
    context.run(() => {
      outermost.enter();
      assertActive(outermost);
      outermost.exit();
      assertActive(context);
    });
  });

  it('gives way to what was active before it was run, whatever the callback did', () => {
    const outermost = namespace.active;
    const context = create();
    context.run(() => {
      outermost.run(() => outermost.exit());
      assertActive(context);
      outermost.run(() => create().enter());
      assertActive(context);
    });
  });

  it('is a scope also if it is the active one already', () => {
    const outermost = namespace.active;
    const bound = outermost.bind(() => create().enter());
    outermost.run(() => create().enter());
    assertActive(outermost);
    bound();
    assertActive(outermost);
    create().run(() => {
      outermost.run(() => {
        outermost.run(() => create().enter());
        assertActive(outermost);
        bound();
        assertActive(outermost);
      });
    });
  });

  it('can be bound', () => {
    const bound = namespace.bind(() => namespace.active);
    const outermost = namespace.active;
    create().run(() => assert.strictEqual(bound(), outermost));
    const boundInside = create().run(() => outermost.bind(() => namespace.active));
    assert.strictEqual(boundInside(), outermost);
  });

  it('never emits end', async () => {
    const outermost = namespace.active;
    const ended = () => assert.fail('the default context ended');
    outermost.on('end', ended);
    outermost.run(() => {});
    outermost.bind(() => {})();
    outermost.end();
    await outermost.run(async () => {});
    await create().run(() => outermost.run(async () => {}));
    outermost.off('end', ended);
  });
});
