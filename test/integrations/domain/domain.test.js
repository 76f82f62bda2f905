'use strict';

const assert = require('node:assert');
const { EventEmitter } = require('node:events');

const { createNamespace } = require('context');
const domain = require('context/domain');
const { runNode } = require('../../support/child');

const wrongCallbacks = [undefined, null, 'text', {}];

/** What a program prints that ends well. */
async function outputOf(program) {
  const { code, stdout, stderr } = await runNode(`
    const { EventEmitter } = require('events');
    const domain = require('context/domain');
    const { createNamespace } = require('context');
    ${program}
  `);
  assert.strictEqual(code, 0, stderr);
  return stdout.trimEnd().split('\n');
}

describe('a domain', () => {
  it('takes functions only', () => {
    const d = domain.create();
    for (const wrong of wrongCallbacks) {
      for (const method of ['run', 'bind', 'intercept']) {
        assert.throws(() => d[method](wrong), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
      }
    }
    assert.strictEqual(domain.active, undefined);
  });

  it('adds objects only', () => {
    for (const wrong of [undefined, null, 'text', 1]) {
      assert.throws(() => domain.create().add(wrong), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
    }
  });

  it('is active in what is started in it, and nowhere else', async () => {
    const [a, b] = [domain.create(), domain.create()];
    const look = async (own) => {
      for (let turn = 0; turn < 20; turn++) {
        assert.strictEqual(domain.active, own);
        await new Promise((resolve) => setImmediate(resolve));
        assert.strictEqual(domain.active, own);
        await null;
      }
    };
    await Promise.all([a.run(look, a), b.run(look, b), look(undefined), a.run(() => b.run(look, b))]);
  });

  it('is not left twice if its function leaves it', () => {
    const [outer, inner] = [domain.create(), domain.create()];
    outer.run(() => {
      inner.run(() => inner.exit());
      assert.strictEqual(domain.active, outer);
      inner.exit();
      assert.strictEqual(domain.active, outer);
    });
    assert.strictEqual(domain.active, undefined);
  });

  it('is the same to import', async () => {
    const imported = await import('context/domain');
    assert.strictEqual(imported.default, domain);
    const { Domain, create, createDomain } = imported;
    assert.deepStrictEqual(
      { Domain, create, createDomain },
      {
        Domain: domain.Domain,
        create: domain.create,
        createDomain: domain.createDomain,
      },
    );
    const d = imported.create();
    d.run(() => assert.strictEqual(imported.default.active, d));
  });
});

describe('the namespaces beside domains', () => {
  const namespace = createNamespace('domain.beside');

  it('are carried within a domain, and domains within their contexts', async () => {
    const d = domain.create();
    await namespace.run(async () => {
      namespace.set('value', 1);
      await d.run(async () => {
        await null;
        assert.strictEqual(namespace.get('value'), 1);
        await namespace.run(async () => {
          namespace.set('value', 2);
          await new Promise((resolve) => setImmediate(resolve));
          assert.strictEqual(domain.active, d);
          assert.strictEqual(namespace.get('value'), 2);
        });
        assert.strictEqual(namespace.get('value'), 1);
      });
      assert.strictEqual(domain.active, undefined);
      assert.strictEqual(namespace.get('value'), 1);
    });
  });

  it('may have the same emitter', () => {
    const d = domain.create();
    const emitter = new EventEmitter();
    const context = namespace.createContext();
    context.add(emitter);
    d.add(emitter);
    const seen = [];
    emitter.on('event', () => seen.push(domain.active === d && namespace.active === context));
    d.on('error', (error) => seen.push(error.message));
    emitter.emit('event');
    emitter.emit('error', new Error('emitted'));
    assert.deepStrictEqual(seen, [true, 'emitted']);
    assert.notStrictEqual(namespace.active, context);
  });

  it('are in the listener what they were at the error, and what they were before once it is handled', async () => {
    const lines = await outputOf(`
      const namespace = createNamespace('beside');
      const d = domain.create();
      const log = (...args) => console.log(...args, namespace.get('value'), domain.active === d);
      d.on('error', (error) => log(error.message));
      const turn = (...steps) => {
        log('turn');
        const [step, ...rest] = steps;
        if (step === undefined) return;
        setImmediate(turn, ...rest);
        namespace.run(() => {
          namespace.set('value', step.name);
          step();
        });
      };
      setImmediate(turn,
        function immediate() { d.run(() => setImmediate(() => { throw new Error('in an immediate'); })); },
        function tick() { d.run(() => process.nextTick(() => { throw new Error('in a tick'); })); },
        function rejected() { d.run(async () => { await null; throw new Error('in an async function'); }); },
        function emitted() { d.run(() => new EventEmitter()).emit('error', new Error('emitted')); },
        function intercepted() { d.intercept(() => {})(new Error('intercepted')); },
      );
    `);
    assert.deepStrictEqual(
      lines.filter((line) => line.startsWith('turn')),
      Array(6).fill('turn undefined false'),
    );
    assert.deepStrictEqual(lines.filter((line) => !line.startsWith('turn')).sort(), [
      'emitted emitted false',
      'in a tick tick false',
      'in an async function rejected false',
      'in an immediate immediate false',
      'intercepted intercepted false',
    ]);
  });

  it('have nothing of an error in what was started before', async () => {
    const lines = await outputOf(`
      const namespace = createNamespace('beside');
      const d = domain.create();
      d.on('error', (error) => console.log(error.message));
      setImmediate(() => console.log(namespace.get('value'), domain.active));
      namespace.createContext().enter();
      namespace.set('value', 1);
      d.run(() => { throw new Error('in the main script'); });
    `);
    assert.deepStrictEqual(lines, ['in the main script', 'undefined undefined']);
  });
});

describe('who does not use domains', () => {
  it('gets nothing switched on before there is one', async () => {
    const lines = await outputOf(`
      const { executionAsyncResource } = require('async_hooks');
      const changed = () => console.log(
        Object.hasOwn(process, 'emit'), EventEmitter.prototype.emit !== emit, EventEmitter.init !== init,
      );
      const { init, prototype: { emit } } = EventEmitter;
      changed();
      new domain.Domain();
      changed();
      setImmediate(() => {
        const keys = Object.getOwnPropertySymbols(executionAsyncResource());
        console.log(keys.some((key) => key.description.startsWith('context')));
        const types = ['uncaughtException', 'uncaughtExceptionMonitor', 'unhandledRejection'];
        console.log(types.map((type) => process.listenerCount(type)));
        console.log(process.hasUncaughtExceptionCaptureCallback(), Object.keys(process).includes('emit'));
        console.log(Reflect.ownKeys(new EventEmitter()).includes('domain'));
      });
    `);
    const switched = ['false false false', 'true true true'];
    assert.deepStrictEqual(lines, [...switched, 'false', '[ 0, 0, 0 ]', 'false false', 'false']);
  });

  it('gets uncaught exceptions and unhandled rejections as ever', async () => {
    for (const step of [
      'setImmediate(() => { throw new Error("thrown"); })',
      'Promise.reject(new Error("rejected"))',
      'Promise.reject("text")',
      'process.on("exit", () => console.log("exit")); setImmediate(() => { throw null; })',
      'process.on("uncaughtException", (...args) => console.log(args)); Promise.reject(1)',
      'process.on("unhandledRejection", (reason) => console.log(reason)); Promise.reject(1)',
    ]) {
      const expected = await runNode(`\n${step}`);
      const actual = await runNode(`require("context/domain").create().on("error", () => {}).run(() => {});\n${step}`);
      const withoutStack = ({ stderr, ...rest }) => ({ ...rest, stderr: stderr.replace(/^\s+at .*\n/gm, '') });
      assert.deepStrictEqual(withoutStack(actual), withoutStack(expected));
    }
  });

  it('may emit unhandled rejections and exceptions of a library', async () => {
    const lines = await outputOf(`
      process.on('unhandledRejection', (reason) => console.log('process', reason));
      process.on('uncaughtException', (error) => console.log('process', error));
      domain.create().on('error', (error) => console.log('domain', error)).run(() => {
        console.log(process.emit('unhandledRejection', 1, { then() {} }), process.emit('uncaughtException', 2));
      });
    `);
    assert.deepStrictEqual(lines, ['process 1', 'process 2', 'true true']);
  });

  it('emits by what others put on EventEmitter later', async () => {
    const lines = await outputOf(`
      domain.create();
      const { emit } = EventEmitter.prototype;
      EventEmitter.prototype.emit = function (...args) {
        console.log(this === process, args[0]);
        return Reflect.apply(emit, this, args);
      };
      process.emit('one', 1);
      EventEmitter.prototype.emit = emit;
      process.emit('two', 2);
    `);
    assert.deepStrictEqual(lines, ['true one']);
  });

  it('may load the domain module of Node.js beside it', async () => {
    const lines = await outputOf(`
      const log = (name) => (error) => console.log(name, error.message);
      const ours = domain.create().on('error', log('ours'));
      const theirs = require('node:domain').create().on('error', log('theirs'));
      setImmediate(() => ours.run(() => setImmediate(() => { throw new Error('in ours'); })));
      setImmediate(() => theirs.run(() => setImmediate(() => { throw new Error('in theirs'); })));
      setImmediate(() => ours.run(() => new EventEmitter()).emit('error', new Error('of ours')));
      setImmediate(() => theirs.run(() => new EventEmitter()).emit('error', new Error('of theirs')));
      setImmediate(() => ours.run(() => { Promise.reject(new Error('rejected in ours')); }));
      setImmediate(() => theirs.run(() => { Promise.reject(new Error('rejected in theirs')); }));
    `);
    assert.deepStrictEqual(lines.sort(), [
      'ours in ours',
      'ours of ours',
      'ours rejected in ours',
      'theirs in theirs',
      'theirs of theirs',
      'theirs rejected in theirs',
    ]);
  });
});
