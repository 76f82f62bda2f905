'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');
const { setTimeout: delay } = require('node:timers/promises');

const { bind, createNamespace, snapshot } = require('../..');

/** How many requests there are at a time. */
const REQUESTS = 100;

const one = createNamespace('clients.one');
const two = createNamespace('clients.two');
const store = new AsyncLocalStorage();

/** AsyncLocalStorage, beside which we are measured. */
const storage = { run: (id, call) => store.run(id, call), idNow: () => store.getStore() };

/** What repairs, and what stands in its place to show what happens without. */
const repairs = {
  bind,
  snapshot,
  add: (emitter) => one.active.add(two.active.add(emitter)),
  values: () => [one.toObject(), two.toObject()],
  restore: ([first, second], call) => one.createContext(first).run(() => two.createContext(second).run(call)),
};
const none = {
  bind: (call) => call,
  snapshot: () => (call) => call(),
  add: (emitter) => emitter,
  values: () => undefined,
  restore: (values, call) => call(),
};

/** What code saw that should have seen `id`: that, nothing, or the id of another request. */
function verdict(seen, id) {
  if (seen.every((value) => value === id)) return 'right';
  return seen.some((value) => value !== id && value !== undefined) ? 'wrong' : 'lost';
}

/** The worst of several verdicts: code that sees its own id at some moments alone cannot use it. */
function worst(verdicts) {
  if (verdicts.includes('wrong')) return 'wrong';
  return verdicts.length === 0 || verdicts.includes('lost') ? 'lost' : 'right';
}

/** A function that runs another one as if the request had been received there: in its contexts, and in its store. */
function entrance() {
  const [runInContexts, runInStore] = [snapshot(), AsyncLocalStorage.snapshot()];
  return (call, ...args) => runInStore(() => runInContexts(call, ...args));
}

/** What a request gets, from its `look` on: ways to look, and the repairs. */
function factsOf(look, isRepaired) {
  const lookAfter = async (promise) => {
    const value = await promise;
    look();
    return value;
  };
  const lookFirst =
    (call) =>
    (...args) => {
      look();
      return call(...args);
    };
  const work = lookFirst(() => lookAfter(delay(1)));
  return { look, lookAfter, lookFirst, work, enter: entrance(), isRepaired, ...(isRepaired ? repairs : none) };
}

let rounds = 0;

/**
 * Has an API of a client called by 100 requests at a time. Each has a context of its own in two namespaces, and a store of
 * AsyncLocalStorage beside.
 *
 * @param {(request: object, ending?: { done: Function, finish: Function }) => unknown} ask what a request does with the API. It calls
 *   `request.look` wherever its id should be seen, or `lookAfter(promise)`, `lookFirst(function)`, or `work`, a task that looks twice. It is over when its promise
 *   has settled, or if it accepts an `ending`, when it has called `done(error)`, or `finish(error)`, which looks first. `request` has the
 *   repairs too: they do nothing if `isRepaired` is not set
 * @param {{ isRepaired?: boolean, beside?: { run: Function, idNow: () => string | undefined }, parts?: object }} options what replaces
 *   AsyncLocalStorage; what a request gets besides
 * @returns {Promise<{ ours: object, theirs: object, behind: number, unlike: number }>} how many requests were right, lost and wrong
 *   with us and with AsyncLocalStorage; how often the latter was right and we were not; how often the two have differed
 */
async function measure(ask, { isRepaired = false, beside = storage, parts = {} }) {
  const round = rounds++;
  const [ours, theirs] = [0, 1].map(() => ({ right: 0, lost: 0, wrong: 0 }));
  const result = { ours, theirs, behind: 0, unlike: 0 };

  async function request(index) {
    const id = `${round}.${index}`;
    const seen = { ours: [], theirs: [] };
    function look() {
      const [contexts, stored] = [[one.get('id'), two.get('id')], beside.idNow()];
      seen.ours.push(verdict(contexts, id));
      seen.theirs.push(verdict([stored], id));
      if (contexts.some((value) => value !== stored)) result.unlike++;
      if (stored === id && contexts.some((value) => value !== id)) result.behind++;
    }
    function perform() {
      const facts = { ...parts, id, index, round, ...factsOf(look, isRepaired) };
      if (ask.length < 2) return ask(facts);
      return new Promise((resolve, reject) => {
        const done = (error) => (error ? reject(error) : resolve());
        ask(facts, { done, finish: facts.lookFirst(done) });
      });
    }
    await one.createContext({ id }).run(() => two.createContext({ id }).run(() => beside.run(id, perform)));
    result.ours[worst(seen.ours)]++;
    result.theirs[worst(seen.theirs)]++;
  }

  await Promise.all(Array.from({ length: REQUESTS }, (_, index) => request(index)));
  return result;
}

/** What is wrong with what was measured of an API, before and after its repair `by` something; undefined for nothing. */
function faultOf({ by, plain, repaired }) {
  if (plain.behind > 0) return `AsyncLocalStorage was right and this package was not, ${plain.behind} times`;
  if (plain.unlike > 0) return `AsyncLocalStorage and this package have differed, ${plain.unlike} times`;
  const { right } = by === undefined ? plain.ours : repaired.ours;
  if (right === REQUESTS) return undefined;
  return `${right} of ${REQUESTS} right${by === undefined ? ', and there is no repair' : ` after the repair by ${by}`}`;
}

module.exports = { REQUESTS, faultOf, measure };
