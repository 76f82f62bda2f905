'use strict';

const assert = require('node:assert');

const { linesOf } = require('../../support/child');

/** The libraries that may be in one process, as a program requires them. */
const libraries = { cls: 'context/cls', hooked: 'cls-hooked', context: 'context' };

const PROGRAM = `
  const { EventEmitter } = require('node:events');
  const [ours, theirs, proper] = [cls, hooked, context].map((library) => library.createNamespace('same name'));
  const find = () => [cls, hooked, context].map((library) => library.getNamespace('same name'));
  const keys = () => [ours, theirs, proper].map((namespace) => namespace.get('key') ?? null).join();
  const seen = [];

  const runIn = (namespace, next) => () => namespace.run(() => {
    namespace.set('key', 'key of ' + [ours, theirs, proper].indexOf(namespace));
    next(namespace);
  });

  /** An emitter that each binds, in the order in which they were loaded. */
  const bindTo = (emitter) => (namespace) => {
    if (namespace === proper) namespace.active.add(emitter);
    else namespace.bindEmitter(emitter);
  };
  const byName = { cls: ours, hooked: theirs, context: proper };
  for (const method of ['on', 'once']) {
    const emitter = new EventEmitter();
    const listener = () => seen.push(keys());
    const add = () => emitter[method]('event', listener);
    order.reduceRight((next, name) => runIn(byName[name], (namespace) => {
      bindTo(emitter)(namespace);
      next();
    }), add)();
    emitter.emit('event');
    emitter.emit('event');
    emitter[method]('event', listener);
    emitter.removeListener('event', listener);
    if (method === 'on') emitter.off('event', listener);
    seen.push(emitter.listenerCount('event'));
  }

  const finish = async () => {
    await null;
    seen.push(keys());
    const found = find();
    cls.destroyNamespace('same name');
    cls.reset();
    console.log(JSON.stringify({ seen, isOwn: found.map((one, at) => one === [ours, theirs, proper][at]), left: find().map(Boolean) }));
  };
  runIn(ours, runIn(theirs, () => {
    runIn(proper, () => setTimeout(finish, 1))();
    seen.push(keys());
  }))();
  seen.push([ours.active, theirs.active, proper.active === proper.createContext()]);
`;

function permutations(list) {
  if (list.length < 2) return [list];
  return list.flatMap((first) => permutations(list.filter((name) => name !== first)).map((rest) => [first, ...rest]));
}

describe('cls: beside cls-hooked and context', () => {
  for (const order of permutations(Object.keys(libraries))) {
    it(`has namespaces of its own, and binds the same emitter, loaded as ${order.join(', ')}`, async () => {
      const load = order.map((name) => `const ${name} = require('${libraries[name]}');`).join('\n');
      const [line] = await linesOf(`${load} const order = ${JSON.stringify(order)}; ${PROGRAM}`);
      const all = 'key of 0,key of 1,key of 2';
      assert.deepStrictEqual(JSON.parse(line), {
        seen: [all, all, 0, all, 0, 'key of 0,key of 1,', [null, null, false], all],
        isOwn: [true, true, true],
        left: [false, true, true],
      });
    });
  }
});
