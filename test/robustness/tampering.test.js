'use strict';

const assert = require('node:assert');

const { linesOfThread } = require('../support/steps');

/** What a program must still do in a process whose built-ins were tampered with. */
const work = `
  const assert = require('assert');
  const { AsyncResource } = require('async_hooks');
  const { EventEmitter } = require('events');
  const { createNamespace, destroyNamespace } = require('context');
  const [one, two] = ['one', 'two'].map((name) => createNamespace(name));
  tamper();
  createNamespace('three');
  destroyNamespace('three');
  const context = one.createContext();
  let ended = 0;
  context.on('end', () => ended++);
  const emitter = new EventEmitter();
  context.run(() => {
    one.set('id', 1);
    two.run(async () => {
      two.set('id', 2);
      context.add(emitter);
      emitter.once('event', (value) => { got = [one.get('id'), value]; });
      await null;
      const bound = one.bind((...args) => [one.get('id'), two.get('id'), args.length]);
      setImmediate(() => {
        const values = bound(1, 2, 3);
        let ids;
        const nest = (depth) => {
          if (depth === 0) ids = [one.get('id'), two.get('id')];
          else new AsyncResource('NESTED').runInAsyncScope(nest, undefined, depth - 1);
        };
        nest(5);
        emitter.emit('event', 'value');
        restore();
        assert.deepStrictEqual([...values], [1, 2, 3]);
        assert.deepStrictEqual([...ids], [1, 2]);
        assert.deepStrictEqual([...got], [1, 'value']);
        assert.strictEqual(ended, 2);
        assert.ok(process.namespaces.length === 2 && process.namespaces[0] === one && process.namespaces[1] === two);
        console.log('done', seen.length);
      });
    });
  });
  let got;
`;

/** Whether a value is one of the package's own objects. */
const watch = `
  const isInternal = (value) => value !== null && typeof value === 'object' &&
    ['words', 'page', 'record', 'enclosing', 'snapshotBefore', 'exposed'].some((name) => Object.hasOwn(value, name));
  const watch = (...values) => { if (values.some(isInternal)) seen.push(values); };
`;

const tamperings = {
  'setters of Array.prototype': `
    for (const index of [0, 1, 2, 3]) {
      Object.defineProperty(Array.prototype, index, {
        set(value) { watch(value); Object.defineProperty(this, index, { value, writable: true, enumerable: true, configurable: true }); },
        get() {},
        configurable: true,
      });
    }
    restore = () => { for (const index of [0, 1, 2, 3]) delete Array.prototype[index]; };
  `,
  'setters of Object.prototype': `
    const names = [
      'slot', 'frame', 'next', 'record', 'page', 'context', 'enclosing', 'entry', 'id', 'words', 'room', 'outside', 'exposed', 'namespace',
      'number', 'key', 'snapshot', 'snapshotBefore', 'resource', 'asyncId', 'promise', 'below', 'above', 'owner', 'account', 'domain',
    ];
    for (const name of names) {
      Object.defineProperty(Object.prototype, name, {
        set(value) { watch(this, value); Object.defineProperty(this, name, { value, writable: true, configurable: true }); },
        get() {},
        configurable: true,
      });
    }
    restore = () => { for (const name of names) delete Object.prototype[name]; };
  `,
  'Function.prototype.call, apply and bind': `
    const { call, apply, bind } = Function.prototype;
    for (const [name, method] of Object.entries({ call, apply, bind })) {
      Function.prototype[name] = function (...args) { watch(this, ...args); return Reflect.apply(method, this, args); };
    }
    restore = () => Object.assign(Function.prototype, { call, apply, bind });
  `,
  'methods of Array, Map, WeakMap and Set': `
    const lib = require('path').join(process.cwd(), 'lib');
    const methods = [Array, Map, WeakMap, Set].flatMap(({ prototype }) =>
      ['map', 'push', 'forEach', 'get', 'set', 'add', 'has', 'delete', Symbol.iterator]
        .filter((name) => prototype[name] !== undefined)
        .map((name) => [prototype, name, prototype[name]]));
    for (const [prototype, name, method] of methods) {
      prototype[name] = function (...args) {
        if (new Error().stack.split('\\n')[2].includes(lib)) seen.push(name);
        return Reflect.apply(method, this, args);
      };
    }
    restore = () => { for (const [prototype, name, method] of methods) prototype[name] = method; };
  `,
  'the classes Array, Map, WeakMap, Set and Promise': `
    const classes = { Array, Map, WeakMap, Set, Promise };
    for (const [name, Class] of Object.entries(classes)) {
      globalThis[name] = class extends Class {
        constructor(...args) {
          super(...args);
          seen.push(name);
        }
      };
    }
    restore = () => Object.assign(globalThis, classes);
  `,
};

describe('an application that tampers with built-ins', () => {
  for (const [what, tampering] of Object.entries(tamperings)) {
    it(`sees no internals and breaks nothing: ${what}`, async () => {
      const lines = await linesOfThread(`
        const seen = [];
        let restore;
        ${watch}
        const tamper = () => { ${tampering} };
        ${work}
      `);
      assert.deepStrictEqual(lines, ['done 0']);
    });
  }

  it('gets out of the context if promises cannot be followed any more', async () => {
    const lines = await linesOfThread(`
      const namespace = require('context').createNamespace('log');
      const outside = namespace.active;
      const context = namespace.createContext();
      context.on('end', () => console.log('ended'));
      Object.defineProperty(Promise, Symbol.species, { get() { throw new Error('tampered'); } });
      try {
        context.run(async () => {});
      } catch ({ message }) {
        console.log(message, namespace.active === outside);
      }
    `);
    assert.deepStrictEqual(lines, ['ended', 'tampered true']);
  });
});
