'use strict';

/**
 * Has operations run out of stack, beside the observer that is named, and prints by name how often each was done and failed. Throws if
 * one is left half done.
 */

const { EventEmitter } = require('node:events');

const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');
const cls = require('context/cls');
const { createNamespace, detach } = require('context');
const { Variable } = require('context/async-context');
const { ContextManager } = require('context/opentelemetry');

const { assertActive } = require('../../support/core-view');

const manager = new ContextManager();
const key = ROOT_CONTEXT.setValue(createContextKey('name'), 'one');
const session = cls.createNamespace('session');
const [namespace, other] = ['one', 'other'].map((name) => createNamespace(name));
const outside = [namespace.active, other.active];
const [context, home, inner] = [1, 2, 3].map(() => namespace.createContext());
const away = other.createContext();
const root = namespace.createContext({}, { root: true });
const wrapped = namespace.wrap(() => {});
const variable = new Variable();
const bound = home.run(() => context.bind(() => {}));
const emitter = context.add(other.createContext().add(new EventEmitter())).on('event', () => {});

/** What has to be exited, with more stack than there was: a list, the innermost first, which is made longer without a call. */
let entered;

function enter(one) {
  one.enter();
  entered = { one, next: entered };
}

/** Each does all or, if it throws, nothing. What is done before one has all of the stack. */
const operations = {
  enter: () => enter(context),
  'enter on top of another one'() {
    enter(home);
    enter(context);
  },
  'exit from under another one'() {
    enter(home);
    enter(inner);
    home.exit();
    entered.next = undefined;
  },
  run: () => context.run(() => {}),
  'run, whose callback throws'() {
    const thrown = new Error('thrown');
    try {
      context.run(() => {
        throw thrown;
      });
    } catch (error) {
      if (error !== thrown) throw error;
    }
  },
  'run, which enters another namespace'() {
    context.run(() => {});
    other.run(() => {});
  },
  'async run': () => void context.run(async () => {}).catch(() => {}),
  'run of a root in another context'() {
    enter(home);
    root.run(() => {});
  },
  'a bound function': () => bound(),
  'a wrapped function': () => wrapped(),
  'detach in a context': Object.assign(() => detach(() => away.enter()), { before: () => enter(home) }),
  'run of a Variable': () => variable.run(1, () => {}),
  'an event': () => emitter.emit('event'),
  'a context that is created': () => namespace.createContext().set('key', 1),
  'with of OpenTelemetry': () => manager.with(key, () => {}),
  'run of cls': () => session.run(() => {}),
};

const [observer] = process.argv.slice(2);
if (observer !== undefined) require(observer).start({ threshold: 1e6 });

process.on('warning', () => {});
process.on('unhandledRejection', () => {});
process.on('uncaughtException', (error) => {
  if (!(error instanceof RangeError)) throw error;
});

/** Whether a function has had enough stack. */
function fits(call) {
  try {
    call();
    return true;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return false;
  }
}

/**
 * Calls an operation with a little less of the stack the deeper it is, by so many words in addition, and checks with all of it what it
 * has left.
 */
function attempt(operation, depth, words) {
  // What even the frames around it have no room for is not attempted.
  let isAttempted = false;
  const padded = (left) => {
    if (left > 0) return padded(left - 1);
    isAttempted = true;
    return operation();
  };
  operation.before?.();
  const isDone = fits(() => padded(depth, ...words));
  for (; entered !== undefined; entered = entered.next) entered.one.exit();
  const isLeft = namespace.active === outside[0] && other.active === outside[1] && manager.active() === ROOT_CONTEXT;
  if (!isLeft || session.active || variable.get() !== undefined) throw new Error('Something is still entered');
  outside.forEach(assertActive);
  return { isDone, isAttempted };
}

/** The depth at which an operation has no more room. */
function limitOf(operation) {
  let [from, to] = [100, 100_000];
  while (to - from > 1) {
    const middle = (from + to) >> 1;
    if (attempt(operation, middle, []).isDone) from = middle;
    else to = middle;
  }
  return from;
}

const results = {};
for (const [what, operation] of Object.entries(operations)) {
  const counts = { done: 0, failed: 0 };
  // More words than a call of `padded` takes.
  for (let words = 0; words < 16; words++) {
    const limit = limitOf(operation);
    for (let depth = limit - 10; depth < limit + 60; depth++) {
      const { isDone, isAttempted } = attempt(operation, depth, new Array(words).fill(0));
      if (isDone) counts.done++;
      else if (isAttempted) counts.failed++;
    }
  }
  results[what] = counts;
}
console.log(JSON.stringify(results));
