'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');

const { bind, createNamespace, snapshot } = require('../..');

/** How many requests there are at a time. */
const REQUESTS = 100;

const one = createNamespace('clients.one');
const two = createNamespace('clients.two');
const store = new AsyncLocalStorage();

/** AsyncLocalStorage, beside which we are measured. */
const storage = { run: (id, callback) => store.run(id, callback), idNow: () => store.getStore() };

/** What repairs, and what stands in its place to show what happens without. */
const repairs = {
  bind,
  snapshot,
  add: (emitter) => one.active.add(two.active.add(emitter)),
  values: () => [one.toObject(), two.toObject()],
  restore: ([first, second], callback) => one.createContext(first).run(() => two.createContext(second).run(callback)),
};
const none = {
  bind: (callback) => callback,
  snapshot:
    () =>
    (callback, ...args) =>
      callback(...args),
  add: (emitter) => emitter,
  values: () => undefined,
  restore: (values, callback) => callback(),
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
  return (callback, ...args) => runInStore(() => runInContexts(callback, ...args));
}

let rounds = 0;

/**
 * Has an API of a client called by 100 requests at a time. Each has a context of its own in two namespaces, and a store of
 * AsyncLocalStorage beside.
 *
 * @param {(request: object, done?: (error?: unknown) => void) => unknown} ask what a request does with the API. It calls
 *   `request.look` wherever its id is to be seen, and is over when its promise has settled, or when it has called `done`.
 *   `request` has the repairs too: they do nothing if `isRepaired` is not set
 * @param {{ isRepaired?: boolean, beside?: { run: Function, idNow: () => string | undefined } }} options what stands in for
 *   AsyncLocalStorage
 * @returns {Promise<{ ours: object, theirs: object, behind: number, unlike: number }>} how many requests were right, lost and wrong
 *   with us and with AsyncLocalStorage; how often the latter was right and we were not; how often the two have differed
 */
async function measure(ask, { isRepaired = false, beside = storage }) {
  const round = rounds++;
  const ours = { right: 0, lost: 0, wrong: 0 };
  const theirs = { right: 0, lost: 0, wrong: 0 };
  let behind = 0;
  let unlike = 0;

  async function request(index) {
    const id = `${round}.${index}`;
    const seen = { ours: [], theirs: [] };
    function look() {
      const [contexts, stored] = [[one.get('id'), two.get('id')], beside.idNow()];
      seen.ours.push(verdict(contexts, id));
      seen.theirs.push(verdict([stored], id));
      if (contexts.some((value) => value !== stored)) unlike++;
      if (stored === id && contexts.some((value) => value !== id)) behind++;
    }
    function perform() {
      const facts = { id, index, isRepaired, look, enter: entrance(), ...(isRepaired ? repairs : none) };
      if (ask.length < 2) return ask(facts);
      return new Promise((resolve, reject) => ask(facts, (error) => (error ? reject(error) : resolve())));
    }
    await one.createContext({ id }).run(() =>
      two.createContext({ id }).run(() => {
        return beside.run(id, perform);
      }),
    );
    ours[worst(seen.ours)]++;
    theirs[worst(seen.theirs)]++;
  }

  await Promise.all(Array.from({ length: REQUESTS }, (_, index) => request(index)));
  return { ours, theirs, behind, unlike };
}

module.exports = { REQUESTS, measure };
