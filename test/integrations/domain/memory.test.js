'use strict';

const { EventEmitter } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');

const domain = require('context/domain');
const { watchCollection } = require('../../support/collected');

/** Makes domains in turns, each started in the last one's, and expects them to be collected while the last is active. */
async function assertCollects(turn) {
  const { watch, collected } = watchCollection();
  const turns = 300;
  let settle;
  const finished = new Promise((resolve, reject) => (settle = [resolve, reject]));
  let left = turns;
  const next = () => {
    if (left-- === 0) {
      collected(turns - 3).then(...settle);
      return;
    }
    const d = domain.create();
    watch(d);
    d.on('error', () => {});
    d.self = d;
    turn(d, next);
  };
  await nextTurn();
  next();
  await finished;
}

describe('the domains of a loop whose turns are started in one another are collected', () => {
  it('with run', () => assertCollects((d, next) => d.run(() => setImmediate(next))));

  it('with enter and exit', () =>
    assertCollects((d, next) => {
      d.enter();
      setImmediate(next);
      d.exit();
    }));

  it('with an enter that nothing undoes', () =>
    assertCollects((d, next) => {
      d.enter();
      setImmediate(next);
    }));

  it('with an enter that nothing undoes, in promises', () =>
    assertCollects((d, next) => {
      d.enter();
      Promise.resolve().then(next);
    }));

  it('with an enter that nothing undoes, across awaits', () =>
    assertCollects(async (d, next) => {
      d.enter();
      await null;
      setImmediate(next);
    }));

  it('with members and emitters that belong to them', () =>
    assertCollects((d, next) => {
      const emitter = new EventEmitter();
      d.add(emitter);
      emitter.once('event', () => new EventEmitter().once('event', () => setImmediate(next)).emit('event'));
      emitter.emit('event');
    }));

  it('with errors that are caught', () =>
    assertCollects((d, next) => {
      try {
        d.run(() => {
          setImmediate(next);
          throw new Error('caught');
        });
      } catch {
        // The domain stays active for the rest of the callback.
      }
    }));

  it('with errors that are intercepted', () =>
    assertCollects((d, next) => {
      d.intercept(() => {})(new Error('intercepted'));
      d.run(() => process.nextTick(() => setImmediate(next)));
    }));
});
