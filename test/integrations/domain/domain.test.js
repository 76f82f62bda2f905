'use strict';

const assert = require('node:assert');

const domain = require('context/domain');
const { linesOf, outcomeOf } = require('./outcome');

describe('a domain', () => {
  it('runs and binds functions only, and adds objects only', () => {
    const invalid = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
    const d = domain.create();
    for (const wrong of [undefined, null, 'text', {}]) {
      for (const method of ['run', 'bind', 'intercept']) assert.throws(() => d[method](wrong), invalid);
    }
    for (const wrong of [undefined, null, 'text', 1]) assert.throws(() => d.add(wrong), invalid);
    assert.strictEqual(domain.active, undefined);
  });
});

describe('the namespaces beside domains', () => {
  it('have nothing of an error in what was started before', async () => {
    const { lines } = await outcomeOf(
      'context/domain',
      `
        const namespace = createNamespace('beside');
        setImmediate(() => log(namespace.get('value'), domain.active));
        namespace.createContext().enter();
        namespace.set('value', 1);
        got('d').run(fail, 'in the main script');
      `,
    );
    assert.deepStrictEqual(lines, ['d got in the main script true true', 'undefined undefined']);
  });
});

/** Programs that one process can run. */
const programs = {
  beside: `
    const namespace = createNamespace('beside');
    const d = domain.create();
    const show = (...args) => log(...args, namespace.get('value'), domain.active === d);
    d.on('error', (error) => show(error.message));
    const turn = (...steps) => {
      show('turn');
      const [step, ...rest] = steps;
      if (step === undefined) return;
      setImmediate(turn, ...rest);
      namespace.run(() => {
        namespace.set('value', step.name);
        step();
      });
    };
    setImmediate(turn,
      function immediate() { d.run(() => setImmediate(fail, 'in an immediate')); },
      function tick() { d.run(() => process.nextTick(fail, 'in a tick')); },
      function rejected() { d.run(async () => { await null; fail('in an async function'); }); },
      function emitted() { d.run(() => new EventEmitter()).emit('error', new Error('emitted')); },
      function intercepted() { d.intercept(() => {})(new Error('intercepted')); },
    );
  `,
  library: `
    const note = (error) => log('process', error);
    const types = ['unhandledRejection', 'uncaughtException'];
    for (const type of types) process.on(type, note);
    domain.create().on('error', (error) => log('domain', error)).run(() => {
      log(process.emit('unhandledRejection', 1, { then() {} }), process.emit('uncaughtException', 2));
    });
    for (const type of types) process.off(type, note);
  `,
  later: `
    domain.create();
    const { emit } = EventEmitter.prototype;
    EventEmitter.prototype.emit = function (...args) {
      log(this === process, args[0]);
      return Reflect.apply(emit, this, args);
    };
    process.emit('one', 1);
    EventEmitter.prototype.emit = emit;
    process.emit('two', 2);
  `,
};

describe('beside other code of the process', () => {
  let lines;
  before(async () => {
    lines = await linesOf('context/domain', programs);
  });

  it('namespaces are in the listener what they were at the error, and what they were before once it is handled', () => {
    const isTurn = (line) => line.startsWith('turn');
    assert.deepStrictEqual(lines.beside.filter(isTurn), Array(6).fill('turn undefined false'));
    assert.deepStrictEqual(lines.beside.filter((line) => !isTurn(line)).sort(), [
      'emitted emitted false',
      'in a tick tick false',
      'in an async function rejected false',
      'in an immediate immediate false',
      'intercepted intercepted false',
    ]);
  });

  it('a library may emit unhandled rejections and exceptions', () => {
    assert.deepStrictEqual(lines.library, ['process 1', 'process 2', 'true true']);
  });

  it('process emits by what others put on EventEmitter later', () => {
    assert.deepStrictEqual(lines.later, ['true one']);
  });

  it('nothing is switched on before there is a domain', async () => {
    const { lines: switched } = await outcomeOf(
      'context/domain',
      `
        const { executionAsyncResource } = require('async_hooks');
        const { init, prototype: { emit } } = EventEmitter;
        const changed = () =>
          log(Object.hasOwn(process, 'emit'), EventEmitter.prototype.emit !== emit, EventEmitter.init !== init);
        changed();
        new domain.Domain();
        changed();
        setImmediate(() => {
          const keys = Object.getOwnPropertySymbols(executionAsyncResource());
          log(keys.some((key) => key.description.startsWith('context')));
          const types = ['uncaughtException', 'uncaughtExceptionMonitor', 'unhandledRejection'];
          log(types.map((type) => process.listenerCount(type)));
          log(process.hasUncaughtExceptionCaptureCallback(), Object.keys(process).includes('emit'));
          log(Reflect.ownKeys(new EventEmitter()).includes('domain'));
        });
      `,
    );
    const changes = ['false false false', 'true true true'];
    assert.deepStrictEqual(switched, [...changes, 'false', '[ 0, 0, 0 ]', 'false false', 'false']);
  });
});
