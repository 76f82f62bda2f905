'use strict';

const { catalogue } = require('../catalogue');

/** Programs that log the same with `context/cls` as with cls-hooked. Each finds what run.js has. */
module.exports = {
  ...require('./async'),
  ...require('./emitters'),
  ...catalogue(`
// the registry has five exports
log(Object.keys(cls).sort(), cls.ERROR_SYMBOL);
// the registry makes a namespace, and finds it
const made = cls.createNamespace('registry');
log(made.name, typeof made.id, made.active, String(made));
log(cls.getNamespace('registry') === made, cls.getNamespace('missing'));
for (const none of [undefined, null, '', 0]) log(caught(() => cls.createNamespace(none)));
// the registry replaces a namespace that is made again; the old one works on, apart from the new one
const [old, young] = [1, 2].map(() => cls.createNamespace('again'));
log(young !== old, cls.getNamespace('again') === young);
const look = () => log(which(old.active), old.get('key'), which(young.active), young.get('key'));
old.run(() => {
  old.set('key', 'old');
  look();
  young.run(() => { young.set('key', 'young'); look(); });
  look();
});
// the registry destroys a namespace
cls.createNamespace('destroyed');
log(cls.destroyNamespace('destroyed'), !cls.getNamespace('destroyed'));
for (const name of ['destroyed', 'never made']) log(caught(() => cls.destroyNamespace(name)));
// run calls the function in a new context and returns that
const context = namespace.run(function (...args) { log(this, args.length, which(args[0]), which(namespace.active)); });
log(which(context), which(namespace.active));
// runAndReturn returns what the function returns
const promise = Promise.resolve();
log(namespace.runAndReturn((context) => namespace.active === context));
log(namespace.runAndReturn(() => promise) === promise, namespace.runAndReturn(() => {}), namespace.active);
// run and runAndReturn nest
namespace.run((one) => {
  namespace.runAndReturn((two) => {
    log(Object.getPrototypeOf(two) === one);
    namespace.run((three) => log(Object.getPrototypeOf(three) === two));
    log(namespace.active === two);
  });
  log(namespace.active === one);
});
// run and runAndReturn leave the context when the function throws, and write it on the error
for (const name of ['run', 'runAndReturn']) {
  const error = new Error('thrown');
  log(caught(() => namespace[name]((context) => { which(context); throw error; })) === 'thrown', namespace.active);
  log(which(namespace.fromException(error)), which(error[cls.ERROR_SYMBOL]), Object.keys(error));
}
log(namespace.fromException(new Error('elsewhere')));
// run writes the outermost context on an error that comes out of several
const error = new Error('thrown');
const fail = () => { throw error; };
caught(() => namespace.run(() => { namespace.set('where', 'outer'); namespace.run(fail); }));
log(namespace.fromException(error).where);
// run writes the inner context on an error that the outer one catches
const fail = () => { namespace.set('where', 'inner'); throw new Error('thrown'); };
namespace.run(() => {
  namespace.set('where', 'outer');
  try { namespace.run(fail); } catch (error) { log(namespace.fromException(error).where); }
  log(namespace.get('where'));
});
// run lets falsy values be thrown
for (const value of [undefined, null, 0, '', false]) {
  try { namespace.run(() => { throw value; }); } catch (error) { log([error]); }
}
// functions are needed
for (const method of ['run', 'runAndReturn', 'runPromise']) log(caught(() => newNamespace()[method]()));
// runPromise has the context active across awaits, and the outcome of the promise
const result = namespace.runPromise(async (context) => {
  namespace.set('key', 'value');
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    log(namespace.active === context, namespace.get('key'));
  }
  return 'result';
});
log(result instanceof Promise, await result);
// runPromise writes the context on the error of a promise that is rejected
const error = new Error('rejected');
const fail = async (active) => { which(active); await null; throw error; };
log(await namespace.runPromise(fail).catch((reason) => reason === error), which(namespace.fromException(error)));
// runPromise needs a promise, of any kind, and starts a lazy one in the context
for (const value of [undefined, null, 1, {}, { then() {} }]) {
  log(Boolean(caught(() => newNamespace().runPromise(() => value))));
}
const lazy = {
  then(onFulfilled, onRejected) {
    log(which(namespace.active));
    return Promise.resolve('result').then(onFulfilled, onRejected);
  },
  catch(onRejected) {
    return this.then(undefined, onRejected);
  },
};
log(await namespace.runPromise((active) => { log(which(active)); return lazy; }));
// bind binds to the context that is active
let bound;
const context = namespace.run(() => { bound = namespace.bind(() => which(namespace.active)); });
log(which(context), bound(), namespace.active);
namespace.run((other) => log(bound(), which(other), which(namespace.active)));
// bind binds to the context that is given, another one with each call
for (const context of [1, 2, 3].map(() => namespace.createContext())) {
  const bound = namespace.bind(() => namespace.active === context, context);
  log(bound());
  namespace.run(() => log(bound()));
}
// bind binds to a new context if none is active, the same with each call
const bound = namespace.bind(() => namespace.set('calls', (namespace.get('calls') ?? 0) + 1));
log(bound(), bound(), namespace.active);
// a bound function shows nothing of the caller
const bound = namespace.bind(() => log(namespace.get('of'), namespace.get('caller')), namespace.createContext());
namespace.run(() => { namespace.set('caller', true); bound(); });
// a bound function passes this, arguments and the result
const object = { bound: namespace.bind(function (...args) { return [this === object, ...args]; }) };
log(object.bound(1, 2), object.bound.length);
// bound functions nest, each in its own context
const [one, two] = [namespace.createContext(), namespace.createContext()];
const active = () => [one, two].indexOf(namespace.active);
const inner = namespace.bind(active, two);
log(namespace.bind(() => [active(), inner(), active()], one)());
// a bound function carries the context into what it starts
const context = namespace.createContext();
const start = namespace.bind((resolve) => {
  setTimeout(() => process.nextTick(() => resolve(namespace.active === context)), 1);
}, context);
log(await new Promise(start));
// a bound function leaves the context when it throws, and writes it on the error
const context = namespace.createContext();
const error = new Error('thrown');
log(caught(namespace.bind(() => { throw error; }, context)), namespace.active, error[cls.ERROR_SYMBOL] === context);
log(caught(namespace.bind(undefined)));
// contexts are plain objects, the one around being the prototype
const outer = namespace.createContext();
log(Object.getPrototypeOf(outer) === Object.prototype, Object.keys(outer), outer._ns_name === namespace.name, typeof outer.id);
log(namespace.active);
namespace.enter(outer);
log(Object.getPrototypeOf(namespace.createContext()) === outer);
// contexts hold what is set: under any key, for all that have them
const symbol = Symbol('key');
namespace.run((context) => {
  log(namespace.set('text', 'value'));
  namespace.set(symbol, 1);
  namespace.set(7, 'seven');
  namespace.set('nothing', undefined);
  log(context.text, context[symbol], context[7], Object.hasOwn(context, 'nothing'));
  context.own = true;
  log(['own', '7', 'missing'].map((key) => namespace.get(key)), namespace.get('_ns_name') === namespace.name);
});
// contexts show what the ones around have, and hide it when they set it themselves
const get = () => [namespace.get('a'), namespace.get('b'), namespace.get('later')];
namespace.run((outer) => {
  namespace.set('a', 1);
  namespace.set('b', 1);
  namespace.run((inner) => {
    namespace.set('b', 2);
    log(get(), inner.a, outer.b);
    namespace.set('a', undefined);
    outer.later = true;
    log(get());
  });
  log(get());
});
// contexts are needed to set a value, not to get one
try { namespace.set('key', 1); } catch ({ message }) { log(message); }
log(namespace.get('key'));
// contexts are entered and exited by hand, as often as they were entered, in any order
const [one, two, three] = [1, 2, 3].map(() => namespace.createContext());
const look = () => log([one, two, three].indexOf(namespace.active), namespace.get('key'), namespace._set.length);
namespace.enter(one);
namespace.set('key', 1);
for (const context of [two, three, three]) { namespace.enter(context); look(); }
for (const context of [three, two, one, three]) { namespace.exit(context); look(); }
// contexts are exited inside of run
const context = namespace.createContext();
namespace.enter(context);
namespace.run((inner) => {
  log(namespace._set.map((each) => each === context));
  namespace.exit(context);
  log(namespace.active === inner);
});
log(namespace.active);
// contexts stay active behind the run in which they were entered
const context = namespace.createContext();
namespace.run(() => namespace.enter(context));
log(namespace.active === context);
namespace.exit(context);
log(namespace.active);
// contexts must be given to enter and exit, and are not exited if they were not entered
const context = namespace.createContext();
for (const none of [undefined, null]) log(caught(() => namespace.enter(none)), caught(() => namespace.exit(none)));
log(caught(() => namespace.exit(context)));
namespace.run((active) => log(caught(() => namespace.exit(context)), namespace.active === active));
// contexts may be objects of any kind
const context = { key: 'own' };
namespace.enter(context);
log(namespace.get('key'));
namespace.exit(context);
// contexts are put in the place of the active one by assignment
namespace.run((outer) => {
  const put = (context) => { namespace.active = context; log(namespace.active === context, namespace.get('key')); };
  for (const context of [namespace.createContext(), null, outer]) put(context);
  namespace.run((inner) => { put(null); put(inner); });
  log(namespace.active === outer);
});
log(namespace.active);
`),
};
