'use strict';

const { AsyncResource } = require('node:async_hooks');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { hops } = require('./hops');

/** How many turns go on after the program is over. */
const TURNS_AFTER = 3;

/** Calls a function, which looks, in one turn after the other, until it returns false. */
function inTurns(turn, next = setImmediate) {
  return new Promise((resolve) => {
    const again = () => (turn() ? next(again) : resolve());
    next(again);
  });
}

/** Each goes on in a way of its own, looks again and again, and ends when `isGoing` says so. */
const ways = [
  async function awaiting(look, isGoing) {
    while (isGoing()) {
      await nextTurn();
      look('an async function');
      await null;
      look('an async function after an await of a value');
      await { then: (resolve) => setImmediate(resolve) };
      look('an async function after an await of a thenable');
    }
  },
  async function turning(look, isGoing) {
    while (isGoing()) {
      await nextTurn();
      look('an async function that awaits nothing else');
    }
  },
  (look, isGoing) => inTurns(() => (look('an immediate'), isGoing())),
  (look, isGoing) => inTurns(() => (look('a timer'), isGoing()), setTimeout),
  (look, isGoing) =>
    new Promise((resolve) => {
      const interval = setInterval(() => {
        look('an interval');
        process.nextTick(() => {
          look('a tick');
          queueMicrotask(() => look('a microtask'));
        });
        if (!isGoing()) resolve(clearInterval(interval));
      }, 1);
    }),
  function reacting(look, isGoing) {
    const react = () => {
      look('a reaction');
      return isGoing() ? nextTurn().then(react) : undefined;
    };
    return nextTurn().then(react);
  },
  (look, isGoing) => {
    const resource = new AsyncResource('bystander');
    return inTurns(() => {
      resource.runInAsyncScope(() => look('a scope'));
      look('an immediate around a scope');
      return isGoing();
    });
  },
];

/** Work that belongs to no context, was started before any was entered, and looks again and again that it stays so. */
class Bystanders {
  #look;
  #going = true;
  #all;

  /**
   * @param {Beside} beside
   * @param {(error: Error) => void} fail called if a bystander sees a context
   */
  constructor(beside, fail) {
    this.#look = (who) => {
      try {
        beside.compareOutside(who);
      } catch (error) {
        fail(error);
      }
    };
  }

  start() {
    this.#all = ways.map((way) => way(this.#look, () => this.#going));
    for (const event of ['beforeExit', 'exit']) process.once(event, () => this.#look(event));
  }

  /** Waits until all of them have seen the end of the program. */
  async stop() {
    for (let turn = 0; turn < TURNS_AFTER; turn++) await nextTurn();
    await new Promise((resolve) => {
      hops.finalization(() => resolve(this.#look('a callback of a FinalizationRegistry')));
    });
    this.#going = false;
    await Promise.all(this.#all);
  }
}

module.exports = { Bystanders };
