'use strict';

/** context/cls: units of work at a time, with values that are set on the way, a bound function and an emitter. */

const { EventEmitter } = require('node:events');

const { createNamespace } = require('context/cls');

const { Counts } = require('./counts');

const namespace = createNamespace('cls');
const counts = new Counts();
const pool = [];

function work(id) {
  return namespace.runPromise(async () => {
    const look = () => counts.look(namespace.get('unit'), id);
    namespace.set('unit', id);
    const emitter = new EventEmitter();
    namespace.bindEmitter(emitter);
    emitter.on('event', look);
    pool.push(namespace.bind(look), () => emitter.emit('event'));
    for (const wait of [(go) => setTimeout(go, 1), setImmediate, process.nextTick, queueMicrotask]) {
      await new Promise(wait);
      look();
    }
    namespace.run(() => {
      namespace.set('inner', id);
      setImmediate(() => {
        look();
        counts.look(namespace.get('inner'), id);
      });
    });
    counts.look(namespace.get('inner') ?? 'none', 'none');
  });
}

async function main() {
  await Promise.all(Array.from({ length: 100 }, (_, index) => work(`unit ${index}`)));
  for (const call of pool) call();
  await new Promise(setImmediate);
  counts.look(namespace.active ?? 'none', 'none');
  counts.print();
}

main();
