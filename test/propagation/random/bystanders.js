'use strict';

const { AsyncResource } = require('node:async_hooks');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { hops } = require('./hops');

/** How many turns go on after the program is over. */
const TURNS_AFTER = 3;

/** Work that belongs to no context, was started before any was entered, and looks again and again that it stays so. */
class Bystanders {
  #beside;
  #fail;
  #going = true;
  #all = [];

  /**
   * @param {Beside} beside
   * @param {(error: Error) => void} fail called if a bystander sees a context
   */
  constructor(beside, fail) {
    this.#beside = beside;
    this.#fail = fail;
  }

  #look(who) {
    try {
      this.#beside.compareOutside(who);
    } catch (error) {
      this.#fail(error);
    }
  }

  start() {
    this.#all.push(
      this.#awaiting(),
      this.#awaitingOften(),
      this.#turning(),
      this.#ticking(),
      this.#reacting(),
      this.#inScopes(),
    );
    process.once('beforeExit', () => this.#look('beforeExit'));
    process.on('exit', () => this.#look('exit'));
  }

  /** Waits until all of them have seen the end of the program. */
  async stop() {
    for (let turn = 0; turn < TURNS_AFTER; turn++) await nextTurn();
    const finalized = new Promise((resolve) => {
      hops.finalization(() => {
        this.#look('a callback of a FinalizationRegistry');
        resolve();
      });
    });
    this.#going = false;
    await Promise.all([...this.#all, finalized]);
  }

  async #awaiting() {
    while (this.#going) {
      await nextTurn();
      this.#look('an async function');
    }
  }

  async #awaitingOften() {
    while (this.#going) {
      await nextTurn();
      await null;
      this.#look('an async function after an await of a value');
      await { then: (resolve) => setImmediate(resolve) };
      this.#look('an async function after an await of a thenable');
    }
  }

  #turning() {
    return new Promise((resolve) => {
      const turn = () => {
        this.#look('an immediate');
        if (this.#going) setTimeout(() => setImmediate(turn), 0);
        else resolve();
      };
      setImmediate(turn);
    });
  }

  #ticking() {
    return new Promise((resolve) => {
      const interval = setInterval(() => {
        this.#look('an interval');
        process.nextTick(() => {
          this.#look('a tick');
          queueMicrotask(() => this.#look('a microtask'));
        });
        if (this.#going) return;
        clearInterval(interval);
        resolve();
      }, 1);
    });
  }

  #reacting() {
    const react = () => {
      this.#look('a reaction');
      return this.#going ? nextTurn().then(react) : undefined;
    };
    return nextTurn().then(react);
  }

  #inScopes() {
    const resource = new AsyncResource('bystander');
    return new Promise((resolve) => {
      const turn = () => {
        resource.runInAsyncScope(() => this.#look('a scope'));
        this.#look('an immediate around a scope');
        if (this.#going) setImmediate(turn);
        else resolve();
      };
      setImmediate(turn);
    });
  }
}

module.exports = { Bystanders };
