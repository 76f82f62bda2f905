'use strict';

/** Uses everything that the package exports, and all methods, in one program. Throws if something is wrong. */

const assert = require('node:assert');
const { EventEmitter, once } = require('node:events');
const { inspect } = require('node:util');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace, destroyNamespace, engine, getNamespace, stats } = require('context');

async function main() {
  const log = createNamespace('log');
  const trace = createNamespace('trace');
  assert.strictEqual(getNamespace('log'), log);
  assert.strictEqual(process.namespaces.trace, trace);
  assert.ok(['async-hooks', 'async-context-frame'].includes(engine));

  log.set('level', 'info');
  const context = log.createContext();
  const emitter = context.add(new EventEmitter());
  emitter.once('event', () => assert.strictEqual(log.active, context));
  assert.strictEqual(context.set('id', 1), 1);
  assert.ok(context.has('id') && !context.has('level'));
  const ended = once(context, 'end');

  const bound = await context.run(async (extra) => {
    assert.strictEqual(extra, 'extra');
    await trace.run(async () => {
      trace.set('span', 'outer');
      await nextTurn();
      await null;
      const inner = trace.createContext();
      inner.enter();
      inner.set('span', 'inner');
      assert.strictEqual(await new Promise((resolve) => setTimeout(() => resolve(trace.get('span')), 1)), 'inner');
      inner.exit();
      assert.strictEqual(trace.get('span'), 'outer');
      assert.strictEqual(log.get('id'), 1);
    });
    return log.bind(() => [log.get('id'), log.get('level'), trace.get('span')]);
  }, 'extra');
  await ended;
  assert.deepStrictEqual(bound(), [1, 'info', undefined]);
  emitter.emit('event');
  assert.strictEqual(log.active.get('id'), undefined);

  const error = Object.freeze(new Error('frozen'));
  assert.throws(
    () =>
      context.run(() => {
        throw error;
      }),
    error,
  );
  assert.strictEqual(log.fromException(error), context);
  assert.throws(() => context.exit(), { code: 'ERR_CONTEXT_NOT_ENTERED' });
  assert.throws(() => createNamespace(''), { code: 'ERR_INVALID_ARG_VALUE' });
  assert.throws(() => log.set({}, 1), { code: 'ERR_INVALID_ARG_TYPE' });

  assert.ok(context.delete('id'));
  assert.deepStrictEqual(Object.keys(context.bag), []);
  context.end();
  assert.match(inspect([log, context]), /log/);
  const { entered, ended: ends } = stats().namespaces.log;
  assert.ok(entered > 0 && ends > 0);
  createNamespace('log');
  assert.ok(destroyNamespace('log') && destroyNamespace('trace'));
  assert.strictEqual(process.namespaces.length, 0);
  console.log('done');
}

main();
