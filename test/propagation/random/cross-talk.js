'use strict';

/**
 * Many simulated requests at a time, each with contexts of its own in several namespaces, all values tagged. At each of their steps the
 * active contexts and their values are checked: one that is another request's, or is lost, is foreign.
 */

const { EventEmitter } = require('node:events');
const { setImmediate: nextTurn, setTimeout: wait } = require('node:timers/promises');

const { createNamespace, destroyNamespace } = require('context');

const { awaitables, hops, rareHops } = require('./hops');
const { randomFrom } = require('../../support/random');

const NAMESPACES = 3;
const CONCURRENCY = 1000;
const MOST_STEPS = 10;
const DEEPEST = 3;

/** How many functions wait at most for another request to call them. */
const MAILBOX = 2000;

/** The share of the steps with which a whole request fails. */
const FAILS = 0.01;

const kindsOfAwaitables = Object.keys(awaitables);

/**
 * What must be active in each namespace.
 *
 * @typedef {Array<{ context: Context, tag: string }>} Expected
 */

/** What all requests share. */
class Traffic {
  /** @param {string[]} without the ways to another callback that are left out */
  constructor(without) {
    this.kindsOfHops = Object.keys(hops).filter((kind) => !(kind in rareHops) && !without.includes(kind));
  }

  namespaces = Array.from({ length: NAMESPACES }, (_, index) => createNamespace(`cross-talk.${index}`));
  /** @type {Expected} outside of all requests */
  outside = this.namespaces.map(({ active }) => ({ context: active, tag: undefined }));
  checked = 0;
  foreign = 0;
  /** What was wrong first. */
  first = undefined;
  /** Operations that nobody waits for. */
  pending = 0;
  /** Functions that requests have bound, for others to call with what is active there. */
  mailbox = [];
  #shared;

  /** A promise that a request has made and that others await too. */
  get shared() {
    this.#shared ??= nextTurn().finally(() => (this.#shared = undefined));
    return this.#shared;
  }

  /** Counts a check, and what was wrong: `describe` returns where this is. */
  count(isRight, namespace, tag, describe) {
    this.checked++;
    if (isRight) return;
    this.foreign++;
    this.first ??= `${describe()}: '${tag}' is expected in ${namespace.name}, but it has '${namespace.get('tag')}'`;
  }
}

/** Each is a step of a request. They leave what is active as it was. */
const steps = {
  async await(request) {
    try {
      await awaitables[request.random.pick(kindsOfAwaitables)]();
    } catch {
      // Some of them reject, so that the rest runs in the handler.
    }
  },

  hop: (request, expected) => request.hop(expected),

  shared: (request) => request.traffic.shared,

  forget(request, expected) {
    request.traffic.pending++;
    request.hop(expected).then(() => request.traffic.pending--);
  },

  async nest(request, expected, depth) {
    const { context, inside } = request.open(expected);
    await context.run(async () => {
      request.check(inside, 'nest');
      await request.perform(inside, depth + 1);
    });
  },

  async enter(request, expected) {
    const { context, inside } = request.open(expected);
    context.enter();
    const started = request.hop(inside);
    request.check(inside, 'enter');
    context.exit();
    request.check(expected, 'exit');
    await started;
  },

  throw(request, expected) {
    const { context, inside } = request.open(expected);
    try {
      context.run(() => {
        request.check(inside, 'throw');
        throw new Error('thrown by a request');
      });
    } catch (caught) {
      request.checkError(caught, context);
    }
  },

  async reject(request, expected) {
    const { context, inside } = request.open(expected);
    try {
      await context.run(async () => {
        await request.hop(inside);
        throw new Error('rejected by a request');
      });
    } catch (caught) {
      request.checkError(caught, context);
    }
  },

  async abort(request, expected) {
    const { context, inside } = request.open(expected);
    const controller = new AbortController();
    const waiting = wait(2 ** 30, undefined, { signal: controller.signal });
    const abort = () => {
      request.check(inside, 'abort');
      controller.abort();
    };
    context.run(() => hops.immediate(abort));
    await waiting.catch(() => request.check(expected, 'aborted'));
  },

  bind(request, expected) {
    const { context, inside, index } = request.open(expected);
    request.post(context.bind((callers) => request.check(callers.with(index, inside[index]), 'bound')));
  },

  add(request, expected) {
    const { context, inside, index } = request.open(expected);
    const emitter = context.add(new EventEmitter());
    emitter.once('event', (callers) => request.check(callers.with(index, inside[index]), 'listener'));
    request.post((callers) => emitter.emit('event', callers));
  },

  call: (request, expected) => request.traffic.mailbox.shift()?.(expected),
};

const kindsOfSteps = Object.keys(steps);

/** One simulated request: what it does depends on the seed and on its number alone. */
class Request {
  #number;
  #contexts = 0;
  #last = 'start';

  constructor(traffic, seed, number) {
    this.traffic = traffic;
    this.random = randomFrom(seed, number);
    this.#number = number;
  }

  /** Runs in a new context of each namespace. It fails now and then. */
  async serve() {
    const nest = (expected, index) => {
      if (index === NAMESPACES) return this.perform(expected, 1);
      const { context, inside } = this.open(expected, index);
      return context.run(() => nest(inside, index + 1));
    };
    const { outside } = this.traffic;
    await nest(outside, 0).catch(() => this.check(outside, 'failed'));
    this.check(outside, 'served');
  }

  /** Performs steps, with checks on both sides of each. */
  async perform(expected, depth) {
    this.check(expected, 'perform');
    for (let left = 1 + this.random.below(MOST_STEPS); left > 0; left--) {
      if (this.random.chance(FAILS)) throw new Error('a request that fails');
      const kind = this.random.pick(depth < DEEPEST ? kindsOfSteps : ['await', 'hop', 'call']);
      this.#last = kind;
      await steps[kind](this, expected, depth);
      this.check(expected, `after ${kind}`);
    }
  }

  /** Makes a context in one of the namespaces, and what is expected inside of it. */
  open(expected, index = this.random.below(NAMESPACES)) {
    const tag = `${this.#number}.${++this.#contexts}`;
    const context = this.traffic.namespaces[index].createContext({ tag });
    return { context, index, inside: expected.with(index, { context, tag }) };
  }

  /** Goes to another callback, and checks there. */
  hop(expected) {
    const kind = this.random.pick(this.traffic.kindsOfHops);
    const check = () => this.check(expected, `in ${kind}`);
    return new Promise((resolve) => {
      const arrive = () => {
        check();
        resolve();
      };
      hops[kind](arrive, check);
    });
  }

  post(call) {
    const { mailbox } = this.traffic;
    mailbox.push(call);
    if (mailbox.length > MAILBOX) mailbox.shift();
  }

  check(expected, where) {
    for (const [index, namespace] of this.traffic.namespaces.entries()) {
      const { context, tag } = expected[index];
      const isRight = namespace.active === context && namespace.get('tag') === tag;
      this.traffic.count(isRight, namespace, tag, () => this.#describe(where));
    }
  }

  /** Checks where an error came from. */
  checkError(error, context) {
    const isRight = context.namespace.fromException(error) === context;
    this.traffic.count(isRight, context.namespace, context.get('tag'), () => this.#describe('fromException'));
  }

  #describe(where) {
    return `request ${this.#number}, step '${this.#last}', ${where}`;
  }
}

/**
 * Serves simulated requests, 1,000 at a time, until there were so many checks, without the hops that a runtime lacks. Resolves to the numbers of
 * requests, of checks, of those that found a foreign value, and what the first of these was; it ends with that one.
 */
async function crossTalk({ checks, seed, onProgress = () => {}, without = [] }) {
  const traffic = new Traffic(without);
  let requests = 0;
  const serve = async () => {
    while (traffic.checked < checks && traffic.foreign === 0) {
      await new Request(traffic, seed, ++requests).serve();
      onProgress(traffic.checked);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, serve));
  while (traffic.pending > 0 && traffic.foreign === 0) await nextTurn();
  for (const { name } of traffic.namespaces) destroyNamespace(name);
  const { checked, foreign, first } = traffic;
  return { requests, checked, foreign, first };
}

module.exports = { crossTalk };
