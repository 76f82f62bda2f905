'use strict';

const { setImmediate: nextTurn } = require('node:timers/promises');

const { Beside } = require('./beside');
const { Bystanders } = require('./bystanders');
const { awaitables, deferrals, hasResource, hops, passesThrows, pending, waits } = require('./hops');

/** How many statements a program may perform: what is called later may call itself. */
const BUDGET = 150;

/** One run of a program. */
class Run {
  #beside;

  /** What the program throws, to distinguish it from errors that nobody expects. */
  #thrown = new Error('thrown by the program');

  /** What went wrong first. */
  #failure;

  /** By place, what `fire` calls. */
  #deferred = [];

  /** The operations that were started: promises that never reject. */
  #operations = [];

  /** Awaited in several contexts, resolved outside of all. */
  #shared = nextTurn();

  #left = BUDGET;

  /** @param {Beside} [beside] what enters and compares, or does the half of it (apart.js) */
  constructor(beside = new Beside()) {
    this.#beside = beside;
  }

  /** @param {object[]} program */
  perform(program) {
    return this.#performFrom(() => {
      this.#compare('the beginning');
      return this.#performAsync(program);
    });
  }

  /**
   * Performs a program that makes the first entry of the process, while others go on that were started before: they never see
   * any of it. What follows the first entry is compared as ever; no hook reports an await that began before, so the rest of
   * its function could be compared with nothing (AsyncLocalStorage of Node.js 20 and 22 has the store of all such functions in
   * one place).
   *
   * @param {{ wait: string, first: object, program: object[] }} input see programs.js
   */
  async performFirst({ wait, first, program }) {
    const bystanders = new Bystanders(this.#beside, (error) => (this.#failure ??= error));
    bystanders.start();
    await this.#performFrom(async () => {
      if (waits[wait] !== undefined) await waits[wait]();
      this.#compare('what comes before the first entry');
      return this.#performAsync([{ do: 'enter', ...first }, ...program]);
    });
    await bystanders.stop();
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #performFrom(begin) {
    this.#start((callback) => setImmediate(callback), begin);
    for (let next = 0; next < this.#operations.length; next++) {
      await this.#operations[next];
      // A promise that was resolved last calls back only now.
      if (next === this.#operations.length - 1) await nextTurn();
    }
    if (this.#failure !== undefined) throw this.#failure;
    this.#beside.compareEnds();
  }

  #compare(step) {
    try {
      this.#beside.compare(step);
    } catch (error) {
      this.#failure ??= error;
    }
  }

  /** Starts an operation that calls back once, with a function that may return a promise. */
  #start(operation, callback) {
    const { promise, resolve } = pending();
    this.#operations.push(promise);
    operation(
      () => resolve(this.#guard(callback)),
      (step) => this.#compare(step),
    );
  }

  /** Calls a function and lets what the program threw go no further. */
  async #guard(callback) {
    try {
      await callback();
    } catch (error) {
      if (error !== this.#thrown) this.#failure ??= error;
    }
  }

  /** Has somebody wait for a promise, for nobody else does. */
  #track(promise) {
    if (promise === undefined) return;
    this.#operations.push(this.#guard(() => promise));
  }

  #performBody({ async, body }) {
    return async ? this.#performAsync(body) : this.#performSync(body);
  }

  #performSync(body) {
    for (const statement of body) {
      if (this.#left-- <= 0) return;
      this.#track(this.#perform(statement));
      this.#compare(statement.label ?? statement.do);
    }
  }

  async #performAsync(body) {
    for (const statement of body) {
      if (this.#left-- <= 0) return;
      if (statement.do === 'await') await this.#awaitOne(statement.kind);
      else await this.#performAwaiting(statement);
      this.#compare(statement.label ?? statement.do);
    }
  }

  async #awaitOne(kind) {
    try {
      await awaitables[kind]();
    } catch {
      // Some of them reject, so that the rest runs in the handler.
    }
  }

  /** Performs a statement of an async function, which waits for what is returned. */
  #performAwaiting(statement) {
    const { body } = statement;
    switch (statement.do) {
      case 'awaitShared':
        return this.#shared;
      case 'call':
        return this.#performAsync(body);
      case 'generate':
        return this.#generate(statement);
      case 'fork':
        return Promise.all(
          statement.branches.map((branch) => {
            const result = this.#performAsync(branch);
            this.#track(result);
            return result;
          }),
        );
      case 'try':
        return this.#guard(() => this.#performAsync(body));
      default: {
        const result = this.#perform(statement);
        if (statement.awaited) return result;
        this.#track(result);
        return undefined;
      }
    }
  }

  /** Performs statements in an async generator, and compares on both sides of it. */
  async #generate({ body, label = 'generate' }) {
    const perform = (statement) => this.#performAsync([statement]);
    async function* generator() {
      for (const statement of body) {
        await perform(statement);
        yield;
      }
    }
    // eslint-disable-next-line no-unused-vars
    for await (const item of generator()) this.#compare(label);
  }

  /** Performs a statement, and returns the promise of what is still going on. */
  #perform(statement) {
    const performBody = () => this.#performBody(statement);
    switch (statement.do) {
      case 'enter':
        this.#beside.enter(statement);
        return undefined;
      case 'exit':
        this.#beside.exit(statement);
        return undefined;
      case 'run':
        return this.#beside.run(statement, performBody);
      case 'bind':
        this.#deferred[statement.place] = this.#beside.bind(statement, performBody);
        return undefined;
      case 'add':
        this.#deferred[statement.place] = this.#beside.add(statement.targets, () => this.#track(performBody()));
        return undefined;
      case 'defer':
        this.#deferred[statement.place] = this.#defer(statement.kind, performBody);
        return undefined;
      case 'fire':
        return this.#deferred[statement.place]?.();
      case 'hop':
        this.#start(hops[statement.kind], performBody);
        return undefined;
      case 'loop':
        this.#loop(statement, statement.turns, performBody);
        return undefined;
      case 'throw':
        throw this.#thrown;
      case 'try':
        this.#track(this.#guard(() => this.#performSync(statement.body)));
        return undefined;
      default:
        // The statements that only async functions have.
        return undefined;
    }
  }

  /** Takes turns, each in contexts inside those of the last one. */
  #loop(statement, turns, performBody) {
    this.#compare(statement.label ?? 'loop');
    if (turns === 0) return performBody();
    const nest = ([place, ...others]) => {
      if (place !== undefined) this.#beside.run(place, () => nest(others));
      else this.#start(hops.immediate, () => this.#loop(statement, turns - 1, performBody));
    };
    nest(statement.places);
    return undefined;
  }

  #defer(kind, performBody) {
    const callback = () => {
      if (!passesThrows.has(kind)) return void this.#track(this.#guard(performBody));
      this.#track(performBody());
    };
    return deferrals[kind](hasResource.has(kind) ? this.#beside.contained(callback) : callback);
  }
}

module.exports = { Run };
