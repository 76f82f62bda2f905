'use strict';

const assert = require('node:assert');
const { subscribe, unsubscribe } = require('node:diagnostics_channel');
const { inspect } = require('node:util');

const { createNamespace, destroyNamespace } = require('context');

const { runNode } = require('../support/child');

const namespace = createNamespace('diagnostics');

/** What is published on a channel while a function runs. */
function published(name, run) {
  const messages = [];
  const listener = (message) => messages.push(message);
  subscribe(name, listener);
  try {
    run();
  } finally {
    unsubscribe(name, listener);
  }
  run();
  return messages;
}

describe('the diagnostics channels', () => {
  it('publish each namespace that is created', () => {
    const created = [];
    const messages = published('context.namespace', () => {
      created.push(createNamespace('diagnostics.channel'));
      destroyNamespace('diagnostics.channel');
    });
    assert.strictEqual(messages.length, 1);
    assert.strictEqual(messages[0].namespace, created[0]);
  });

  it('publish each context that is created', () => {
    const created = [];
    const messages = published('context.create', () => created.push(namespace.createContext()));
    assert.strictEqual(messages.length, 1);
    assert.strictEqual(messages[0].context, created[0]);
  });

  it('publish each end of a context, before its listeners are called', () => {
    const order = [];
    const listener = (message) => order.push(['published', message.context === context]);
    const context = namespace.createContext();
    subscribe('context.end', listener);
    context.on('end', () => order.push(['emitted', true]));
    context.run(() => {});
    unsubscribe('context.end', listener);
    context.run(() => {});
    assert.deepStrictEqual(order, [
      ['published', true],
      ['emitted', true],
      ['emitted', true],
    ]);
  });

  it('publish no end of a default context', () => {
    assert.deepStrictEqual(
      published('context.end', () => namespace.active.end()),
      [],
    );
  });

  it('do no harm if a subscriber throws', async () => {
    const { code, stdout, stderr } = await runNode(`
      const { subscribe } = require('diagnostics_channel');
      const namespace = require('context').createNamespace('log');
      process.on('uncaughtException', ({ message }) => console.log('uncaught', message));
      for (const name of ['namespace', 'create', 'end']) {
        subscribe('context.' + name, () => { throw new Error(name); });
      }
      require('context').createNamespace('other');
      console.log(namespace.run(() => 'result'));
    `);
    assert.strictEqual(code, 0, stderr);
    assert.deepStrictEqual(stdout.trimEnd().split('\n'), ['result', 'uncaught namespace', 'uncaught create', 'uncaught end']);
  });
});

describe('inspected', () => {
  it('a namespace shows its name', () => {
    assert.strictEqual(inspect(namespace), "Namespace 'diagnostics'");
  });

  it('a context shows its namespace, its number and its values', () => {
    const own = createNamespace('inspected');
    const context = own.createContext();
    context.set('id', 1);
    context.set('self', { context });
    assert.strictEqual(inspect(context, { depth: 0 }), 'Context inspected#1 { id: 1, self: [Object] }');
    assert.strictEqual(inspect(own.active), 'Context inspected (default) {}');
    assert.match(inspect({ a: { b: { c: context } } }), /c: \[Context inspected#1\]/);
    assert.strictEqual(
      inspect(context, { depth: null }),
      'Context inspected#1 { id: 1, self: { context: [Context inspected#1] } }',
    );
  });
});

describe('NODE_DEBUG=context', () => {
  const program = `
    const namespace = require('context').createNamespace('log');
    namespace.run(() => {});
    const context = namespace.createContext();
    context.enter();
    context.exit();
  `;

  it('logs each entry and each exit', async () => {
    const { code, stderr } = await runNode(program, { NODE_DEBUG: 'context' });
    assert.strictEqual(code, 0);
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/^CONTEXT \d+: /, ''));
    assert.deepStrictEqual(lines, [
      'enter Context log#1 {}',
      'exit Context log#1 {}',
      'enter Context log#2 {}',
      'exit Context log#2 {}',
    ]);
  });

  it('changes nothing if a value does not let itself be shown', async () => {
    const { code, stdout, stderr } = await runNode(
      `
      const namespace = require('context').createNamespace('log');
      const show = Symbol.for('nodejs.util.inspect.custom');
      const values = {
        throws: { [show]() { throw new Error('shown'); } },
        proxy: new Proxy({}, { ownKeys() { throw new Error('shown'); } }),
        runs: { [show]() { return String(namespace.run(() => namespace.run(() => 'ran'))); } },
        overflows: { [show]: function again() { return again(); } },
      };
      const outside = namespace.active;
      for (const [what, value] of Object.entries(values)) {
        const context = namespace.createContext();
        context.set('value', value);
        let ends = 0;
        context.on('end', () => ends++);
        const results = [context.run(() => what)];
        try {
          context.run(() => { throw new Error('its own'); });
        } catch ({ message }) {
          results.push(message);
        }
        context.enter();
        results.push(namespace.active === context);
        context.exit();
        console.log(...results, ends, namespace.active === outside);
      }
      const frozen = namespace.createContext();
      frozen[show] = () => { throw new Error('not even its title'); };
      console.log(frozen.run(() => 'title'));
      `,
      { NODE_DEBUG: 'context' },
    );
    assert.strictEqual(code, 0, stderr);
    const expected = ['throws', 'proxy', 'runs', 'overflows'].map((what) => `${what} its own true 2 true`);
    assert.deepStrictEqual(stdout.trimEnd().split('\n'), [...expected, 'title']);
    assert.match(stderr, /enter \[Context log#1\] \(its values cannot be shown\)/);
    assert.match(stderr, /exit \[Context log#1\]/);
  });

  it('is silent without', async () => {
    const { code, stderr } = await runNode(program);
    assert.deepStrictEqual([code, stderr], [0, '']);
  });
});
