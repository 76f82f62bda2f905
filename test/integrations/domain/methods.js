'use strict';

const { catalogue } = require('../catalogue');

/** Programs as those of programs.js: the methods of a domain, what is active, AsyncLocalStorage and AsyncResource around domains. */
module.exports = catalogue(`
// intercept with an error
const fs = require('fs');
const d = domain.create();
const callback = () => log('not reached');
d.on('error', (error) => {
  log(error.code, error.domainThrown, error.domain === d, error.domainBound === callback);
  log(Object.keys(error).sort());
});
fs.readFile('does-not-exist', d.intercept(callback));
log(d.intercept(callback)(new Error('sync')));
// intercept without an error
const d = got('d');
const self = { callback: d.intercept(function (...args) { log(this === self, args); return 'result'; }) };
log(self.callback(null, 1, 2), self.callback(undefined), self.callback('text', 3), self.callback());
log(self.callback.length, self.callback.domain);
// a throw in intercept
setImmediate(got('d').intercept(() => fail('in the callback')));
// bind
const d = got('d');
const self = { bound: d.bind(function (...args) { log(this === self, args); return 'result'; }) };
log(self.bound(1, 2), self.bound.domain === d, Object.keys(self.bound));
setImmediate(d.bind(fail), 'in the callback');
// bind in a domain without a listener, called in another one
const bound = domain.create().bind(fail);
got('outer').run(bound, 'in the callback');
// add, remove and members
const [d, e] = [got('d'), got('e')];
const emitter = new EventEmitter();
d.add(emitter);
d.add(emitter);
log(d.members.length, d.members[0] === emitter, emitter.domain === d, Object.keys(emitter).includes('domain'));
emitter.emit('error', new Error('to d'));
e.add(emitter);
log(d.members.length, e.members.length, emitter.domain === e);
emitter.emit('error', new Error('to e'));
d.remove(emitter);
log(e.members.length, emitter.domain);
e.remove(emitter);
log(e.members.length, emitter.domain);
try {
  emitter.emit('error', new Error('to nobody'));
} catch (error) {
  log(error.message, error.domain);
}
// the listeners of an emitter that was added
const d = got('d');
const emitter = new EventEmitter();
emitter.on('event', () => { log('before'); });
d.add(emitter);
emitter.on('event', () => { log('after'); setImmediate(fail, 'later'); });
log(emitter.emit('event'), emitter.emit('unheard'));
d.remove(emitter);
setImmediate(() => d.run(() => emitter.emit('event')));
// a domain added to another one
const outer = got('outer');
const inner = domain.create();
outer.add(inner);
inner.add(outer);
log(outer.members.length, inner.members.length, Boolean(outer.domain), inner.domain === outer);
inner.emit('error', new Error('emitted'));
inner.on('event', () => log('event'));
inner.emit('event');
// enter and exit
const [d, e] = [got('d'), got('e')];
const step = (method, ...domains) => {
  for (const each of domains) each[method]();
  log([d, e].indexOf(domain.active));
};
step('enter');
for (const each of [d, e]) step('enter', each);
for (const each of [e, e]) step('exit', each);
step('enter', d, e, d);
for (const each of [d, d, d, d]) step('exit', each);
// enter without exit, then a throw
setImmediate(() => { got('d').enter(); fail('entered'); });
// enter in one callback of a domain
const [d, e] = [got('d'), got('e')];
d.run(() => {
  setImmediate(() => {
    e.enter();
    setImmediate(() => { log(domain.active === e); fail('in e'); });
  });
  setImmediate(() => { log(domain.active === d); fail('in d'); });
});
// exit in run
const [d, e] = [got('d'), got('e')];
d.run(() => {
  e.run(() => { d.exit(); log(!domain.active); });
  log(!domain.active);
  setImmediate(() => log(!domain.active));
});
log(!domain.active);
// what is active where
const [d, e] = [got('d'), got('e')];
const show = () => log(['d', 'e'][[d, e].indexOf(domain.active)]);
d.run(() => {
  show();
  setImmediate(show);
  e.run(() => { show(); process.nextTick(show); Promise.resolve().then(show); });
  show();
  setImmediate(() => { show(); e.run(show); show(); });
});
show();
setImmediate(show);
// two domains that interleave
for (const name of ['a', 'b']) {
  const d = got(name);
  d.run(() => {
    let turns = 0;
    const turn = () => {
      log(name, turns, domain.active === d);
      if (++turns < 4) setImmediate(turn);
      fail(name + turns);
    };
    setImmediate(turn);
  });
}
// two domains that interleave in async functions
for (const name of ['a', 'b']) {
  const d = got(name);
  d.run(async () => {
    for (let turn = 0; turn < 4; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      log(name, turn, domain.active === d);
      process.nextTick(fail, name + turn);
    }
  });
}
// an AsyncLocalStorage around a throw
const store = new AsyncLocalStorage();
store.run(1, () => got('d').run(() => store.run(2, fail, 'sync')));
// an AsyncLocalStorage around nested domains
const store = new AsyncLocalStorage();
got('outer').run(() => store.run(1, () => throwing('d').run(fail, 'sync')));
// an AsyncLocalStorage around a callback that throws
const store = new AsyncLocalStorage();
got('d').run(() => setImmediate(() => store.run(1, fail, 'immediate')));
// an AsyncResource around a throw
const resource = new AsyncResource('outside');
setImmediate(() => resource.runInAsyncScope(() => got('d').run(fail, 'sync')));
setImmediate(() => log('next', Boolean(domain.active)));
// an AsyncResource around nested domains
const resource = new AsyncResource('outside');
const inside = () => throwing('middle').run(() => throwing('inner').run(fail, 'sync'));
resource.runInAsyncScope(() => got('outer').run(inside));
// an error that is caught around an AsyncLocalStorage, then thrown again
const store = new AsyncLocalStorage();
setImmediate(() => {
  try {
    store.run(1, () => got('d').run(fail, 'sync'));
  } catch (error) {
    got('e').run(() => log('cleans up'));
    throw error;
  }
});
// an AsyncResource of the domain
const bound = got('d').run(() => AsyncResource.bind(() => { setImmediate(fail, 'later'); }));
got('e').run(() => { bound(); setImmediate(fail, 'in e'); });
`);
