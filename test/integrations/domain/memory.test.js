'use strict';

const { EventEmitter } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');

const domain = require('context/domain');
const { watchCollection } = require('../../support/collected');

const TURNS = 300;

/** What the turn of a loop does in a domain, with what starts the next turn. */
const loops = {
  'with run': (d, next) => d.run(() => setImmediate(next)),
  'with enter and exit': (d, next) => {
    d.enter();
    setImmediate(next);
    d.exit();
  },
  'with an enter that nothing undoes': (d, next) => {
    d.enter();
    setImmediate(next);
  },
  'with an enter that nothing undoes, across awaits': async (d, next) => {
    d.enter();
    await null;
    setImmediate(next);
  },
  'with members and emitters that belong to them': (d, next) => {
    const emitter = new EventEmitter();
    d.add(emitter);
    emitter.once('event', () => new EventEmitter().once('event', () => setImmediate(next)).emit('event'));
    emitter.emit('event');
  },
  'with errors that are caught': (d, next) => {
    try {
      d.run(() => {
        setImmediate(next);
        throw new Error('caught');
      });
    } catch {
      // The domain stays active for the rest of the callback.
    }
  },
  'with errors that are intercepted': (d, next) => {
    d.intercept(() => {})(new Error('intercepted'));
    d.run(() => process.nextTick(() => setImmediate(next)));
  },
};

describe('the domains of a loop whose turns are started in one another are collected', () => {
  for (const [how, turn] of Object.entries(loops)) {
    it(how, async () => {
      const { watch, collected } = watchCollection();
      await nextTurn();
      await new Promise((resolve, reject) => {
        let left = TURNS;
        const next = () => {
          if (left-- === 0) {
            // While the last one is active.
            collected(TURNS - 3).then(resolve, reject);
            return;
          }
          const d = domain.create();
          watch(d);
          d.on('error', () => {});
          d.self = d;
          turn(d, next);
        };
        next();
      });
    });
  }
});
