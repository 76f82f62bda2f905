'use strict';

const assert = require('node:assert');
const { subscribe, unsubscribe } = require('node:diagnostics_channel');
const { inspect } = require('node:util');

const { createNamespace, destroyNamespace } = require('context');

const { linesOf, runNode } = require('../support/child');
const { assertSame } = require('../support/contexts');

const namespace = createNamespace('diagnostics');

/** What is published on a channel while a function runs, and no longer. */
function published(name, run) {
  const messages = [];
  const listener = (message) => messages.push(message.namespace ?? message.context);
  subscribe(name, listener);
  try {
    run(messages);
  } finally {
    unsubscribe(name, listener);
  }
  run([]);
  return messages;
}

describe('the diagnostics channels', () => {
  it('publish each namespace and each context that is created', () => {
    const created = [];
    const namespaces = published('context.namespace', () => {
      created.push(createNamespace('diagnostics.channel'));
      destroyNamespace('diagnostics.channel');
    });
    const contexts = published('context.create', () => created.push(namespace.createContext()));
    assertSame([...namespaces, ...contexts], [created[0], created[2]]);
  });

  it('publish each end of a context before its listeners are called, and none of a default context', () => {
    const context = namespace.createContext();
    const messages = published('context.end', (order) => {
      context.once('end', () => order.push('emitted'));
      context.run(() => {});
      namespace.active.end();
    });
    assertSame(messages, [context, 'emitted']);
  });

  it('do no harm if a subscriber throws', async () => {
    const lines = await linesOf(`
      const { subscribe } = require('diagnostics_channel');
      const namespace = require('context').createNamespace('log');
      process.on('uncaughtException', ({ message }) => console.log('uncaught', message));
      for (const name of ['namespace', 'create', 'end']) subscribe('context.' + name, () => { throw new Error(name); });
      require('context').createNamespace('other');
      console.log(namespace.run(() => 'result'));
    `);
    assert.deepStrictEqual(lines, ['result', 'uncaught namespace', 'uncaught create', 'uncaught end']);
  });
});

describe('inspected', () => {
  it('a namespace shows its name; a context its namespace, its number and its values', () => {
    const own = createNamespace('inspected');
    const context = own.createContext({ id: 1 });
    context.set('self', { context });
    assert.strictEqual(inspect(namespace), "Namespace 'diagnostics'");
    assert.strictEqual(inspect(own.active), 'Context inspected (default) {}');
    assert.strictEqual(inspect(context, { depth: 0 }), 'Context inspected#1 { id: 1, self: [Object] }');
    const whole = 'Context inspected#1 { id: 1, self: { context: [Context inspected#1] } }';
    assert.strictEqual(inspect(context, { depth: null }), whole);
    assert.match(inspect({ a: { b: { c: context } } }), /c: \[Context inspected#1\]/);
  });
});

describe('NODE_DEBUG=context', () => {
  it('logs each entry and each exit, and nothing is logged without it', async () => {
    const program = `
      const namespace = require('context').createNamespace('log');
      namespace.run(() => {});
      namespace.createContext().enter();
      namespace.active.exit();
    `;
    const { code, stderr } = await runNode(program, { NODE_DEBUG: 'context' });
    assert.strictEqual(code, 0);
    const lines = ['enter Context log#1 {}', 'exit Context log#1 {}', 'enter Context log#2 {}', 'exit Context log#2 {}'];
    assert.deepStrictEqual(stderr.trimEnd().replace(/^CONTEXT \d+: /gm, ''), lines.join('\n'));
    assert.strictEqual((await runNode(program)).stderr, '');
  });

  it('changes nothing if a value cannot be shown', async () => {
    const program = `
      const namespace = require('context').createNamespace('log');
      const show = Symbol.for('nodejs.util.inspect.custom');
      const { thrower } = require('./test/support/contexts');
      const values = {
        throws: { [show]: thrower('shown') },
        proxy: new Proxy({}, { ownKeys: thrower('shown') }),
        runs: { [show]() { return String(namespace.run(() => namespace.run(() => 'ran'))); } },
        overflows: { [show]: function again() { return again(); } },
      };
      const outside = namespace.active;
      for (const [what, value] of Object.entries(values)) {
        const context = namespace.createContext({ value });
        let ends = 0;
        context.on('end', () => ends++);
        const results = [context.run(() => what)];
        try { context.run(thrower('its own')); } catch ({ message }) { results.push(message); }
        context.enter();
        results.push(namespace.active === context);
        context.exit();
        console.log(...results, ends, namespace.active === outside);
      }
      const frozen = namespace.createContext();
      frozen[show] = thrower('not even its title');
      console.log(frozen.run(() => 'title'));
    `;
    const { code, stdout, stderr } = await runNode(program, { NODE_DEBUG: 'context' });
    assert.strictEqual(code, 0, stderr);
    const lines = ['throws', 'proxy', 'runs', 'overflows'].map((what) => `${what} its own true 2 true`);
    assert.deepStrictEqual(stdout.trimEnd().split('\n'), [...lines, 'title']);
    assert.match(stderr, /enter \[Context log#1\] \(its values cannot be shown\)/);
    assert.match(stderr, /exit \[Context log#1\]/);
  });
});
