'use strict';

const assert = require('node:assert');

const { runNode } = require('../../support/child');

/** The libraries that may be in one process, as a program requires them. */
const libraries = {
  cls: "require('context/cls')",
  hooked: "require('cls-hooked')",
  context: "require('context')",
};

function permutations(list) {
  if (list.length < 2) return [list];
  return list.flatMap((first) => permutations(list.filter((name) => name !== first)).map((rest) => [first, ...rest]));
}

async function outputOf(program) {
  const { code, stdout, stderr } = await runNode(program);
  assert.strictEqual(code, 0, stderr);
  return JSON.parse(stdout);
}

const load = (order) => order.map((name) => `const ${name} = ${libraries[name]};`).join('\n');

describe('cls: beside cls-hooked and context', () => {
  for (const order of permutations(Object.keys(libraries))) {
    it(`has namespaces of its own, loaded as ${order.join(', ')}`, async () => {
      const seen = await outputOf(`
        ${load(order)}
        const [ours, theirs, proper] = [cls, hooked, context].map((library) => library.createNamespace('same name'));
        const found = [cls, hooked, context].map((library) => library.getNamespace('same name'));
        const show = () => [ours.get('key'), theirs.get('key'), proper.get('key')];
        const seen = [];
        ours.run(() => {
          ours.set('key', 'ours');
          theirs.run(() => {
            theirs.set('key', 'theirs');
            proper.run(() => {
              proper.set('key', 'proper');
              setTimeout(async () => {
                await null;
                seen.push(show());
                cls.destroyNamespace('same name');
                cls.reset();
                const gone = cls.getNamespace('same name') === undefined;
                const rest = [hooked, context].map((library) => library.getNamespace('same name'));
                const others = rest[0] === theirs && rest[1] === proper;
                const each = [ours, theirs, proper].every((one, at) => one === found[at]);
                console.log(JSON.stringify({ each, seen, gone, others }));
              }, 1);
            });
            seen.push(show());
          });
        });
        seen.push([ours.active, theirs.active, proper.active === proper.createContext()]);
      `);
      assert.deepStrictEqual(seen, {
        each: true,
        seen: [
          ['ours', 'theirs', null],
          [null, null, false],
          ['ours', 'theirs', 'proper'],
        ],
        gone: true,
        others: true,
      });
    });

    it(`binds the same emitter, as ${order.join(', ')}`, async () => {
      const seen = await outputOf(`
        const { EventEmitter } = require('node:events');
        ${load(order)}
        const [ours, theirs, proper] = [cls, hooked, context].map((library) => library.createNamespace('same'));
        const bindTo = (namespace, value) => (emitter, next) => namespace.run(() => {
          namespace.set('key', value);
          if (namespace === proper) namespace.active.add(emitter);
          else namespace.bindEmitter(emitter);
          next();
        });
        const put = { cls: bindTo(ours, 1), hooked: bindTo(theirs, 2), context: bindTo(proper, 3) };
        const order = ${JSON.stringify(order)};
        const seen = [];
        for (const method of ['on', 'once']) {
          const emitter = new EventEmitter();
          const listener = () => seen.push([ours, theirs, proper].map((namespace) => namespace.get('key')).join());
          const add = () => emitter[method]('event', listener);
          order.reduceRight((next, name) => () => put[name](emitter, next), add)();
          emitter.emit('event');
          emitter.emit('event');
          emitter[method]('event', listener);
          emitter.removeListener('event', listener);
          if (method === 'on') emitter.off('event', listener);
          seen.push(emitter.listenerCount('event'));
        }
        console.log(JSON.stringify(seen));
      `);
      assert.deepStrictEqual(seen, ['1,2,3', '1,2,3', 0, '1,2,3', 0]);
    });
  }

  it('puts its namespaces at process.namespaces if nothing else is', async () => {
    const seen = await outputOf(`
      ${load(['cls'])}
      const one = cls.createNamespace('one');
      const before = process.namespaces.one === one;
      cls.reset();
      const after = [Object.keys(process.namespaces), cls.getNamespace('one')];
      process.namespaces.fake = {};
      let error;
      try { cls.destroyNamespace('fake'); } catch ({ code }) { error = code; }
      console.log(JSON.stringify([before, after, error]));
    `);
    assert.deepStrictEqual(seen, [true, [[], null], 'ERR_ASSERTION']);
  });

  it('has errors of emitters that are bound get to a domain that is made later', async () => {
    for (const domain of ['node:domain', 'context/domain']) {
      const seen = await outputOf(`
        ${load(['cls'])}
        const { EventEmitter } = require('events');
        const emitters = [new EventEmitter(), new (class extends EventEmitter {})()];
        cls.createNamespace('session').bindEmitter(emitters[0]);
        cls.createNamespace('other').bindEmitter(Object.getPrototypeOf(emitters[1]));
        const own = require('${domain}').create();
        const seen = [];
        own.on('error', (error) => seen.push(error.message));
        for (const emitter of emitters) own.add(emitter);
        emitters.forEach((emitter, index) => emitter.emit('error', new Error(index)));
        console.log(JSON.stringify(seen));
      `);
      assert.deepStrictEqual(seen, ['0', '1']);
    }
  });

  it('resets after a namespace was destroyed', async () => {
    const seen = await outputOf(`
      ${load(['cls'])}
      for (const name of ['one', 'two']) cls.createNamespace(name);
      cls.destroyNamespace('one');
      cls.reset();
      console.log(JSON.stringify(cls.getNamespace('two') === undefined));
    `);
    assert.strictEqual(seen, true);
  });

  it('is one registry for several copies of the package, and for import', async () => {
    const seen = await outputOf(`
      ${load(['cls'])}
      const namespace = cls.createNamespace('shared');
      for (const path of Object.keys(require.cache)) delete require.cache[path];
      const copy = require('context/cls');
      import('context/cls').then((module) => {
        const found = [copy, module, module.default].map((one) => one.getNamespace('shared'));
        console.log(JSON.stringify(found.map((one) => one === namespace)));
      });
    `);
    assert.deepStrictEqual(seen, [true, true, true]);
  });
});
