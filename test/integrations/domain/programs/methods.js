'use strict';

/** Programs of the catalogue, see index.js: the methods of a domain. */
module.exports = {
  'intercept with an error': `
    const fs = require('fs');
    const d = domain.create();
    const callback = () => log('not reached');
    d.on('error', (error) => {
      log(error.code, error.domainThrown, error.domain === d, error.domainBound === callback);
      log(Object.keys(error).sort());
    });
    fs.readFile('does-not-exist', d.intercept(callback));
    log(d.intercept(callback)(new Error('sync')));
  `,
  'intercept without an error': `
    const d = got('d');
    const self = { callback: d.intercept(function (...args) { log(this === self, args); return 'result'; }) };
    log(self.callback(null, 1, 2), self.callback(undefined), self.callback('text', 3), self.callback());
    log(self.callback.length, self.callback.domain);
  `,
  'a throw in intercept': `
    setImmediate(got('d').intercept(() => { throw new Error('in the callback'); }));
  `,
  'intercept in a domain without a listener': `
    domain.create().intercept(() => {})(new Error('intercepted'));
  `,
  'intercept in the domain, whose listener throws': `
    const d = throwing('d');
    d.run(() => setImmediate(d.intercept(() => {}), new Error('intercepted')));
  `,
  bind: `
    const d = got('d');
    const self = { bound: d.bind(function (...args) { log(this === self, args); return 'result'; }) };
    log(self.bound(1, 2), self.bound.domain === d, Object.keys(self.bound));
    setImmediate(d.bind(() => { throw new Error('in the callback'); }));
  `,
  'bind in a domain without a listener, called in another one': `
    const bound = domain.create().bind(() => { throw new Error('in the callback'); });
    got('outer').run(bound);
  `,
  'add, remove and members': `
    const d = got('d');
    const e = got('e');
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
    emitter.emit('error', new Error('to nobody'));
  `,
  'the listeners of an emitter that was added': `
    const d = got('d');
    const emitter = new EventEmitter();
    emitter.on('event', () => { log('before'); });
    d.add(emitter);
    emitter.on('event', () => { log('after'); setImmediate(() => { throw new Error('later'); }); });
    log(emitter.emit('event'), emitter.emit('unheard'));
    d.remove(emitter);
    emitter.emit('event');
  `,
  'a domain added to another one': `
    const outer = got('outer');
    const inner = domain.create();
    outer.add(inner);
    inner.add(outer);
    log(outer.members.length, inner.members.length, Boolean(outer.domain), inner.domain === outer);
    inner.emit('error', new Error('emitted'));
    inner.on('event', () => log('event'));
    inner.emit('event');
  `,
  'a timer added': `
    const d = got('d');
    const timer = setTimeout(() => { log('timer'); throw new Error('timer'); }, 1);
    d.add(timer);
    log(d.members.length, timer.domain === d);
  `,
  'enter and exit': `
    const d = got('d');
    const e = got('e');
    const active = () => [d, e].indexOf(domain.active);
    log(active());
    d.enter(); log(active());
    e.enter(); log(active());
    e.exit(); log(active());
    e.exit(); log(active());
    d.enter(); e.enter(); d.enter(); log(active());
    d.exit(); log(active());
    d.exit(); log(active());
    d.exit(); log(active());
    d.exit(); log(active());
  `,
  'enter without exit, then a throw': `
    setImmediate(() => { got('d').enter(); throw new Error('entered'); });
  `,
  'enter in one callback of a domain': `
    const d = got('d');
    const e = got('e');
    d.run(() => {
      setImmediate(() => {
        e.enter();
        setImmediate(() => { log(domain.active === e); throw new Error('in e'); });
      });
      setImmediate(() => { log(domain.active === d); throw new Error('in d'); });
    });
  `,
  'exit in a callback': `
    const d = got('d');
    d.run(() => setImmediate(() => { d.exit(); log(domain.active === d); throw new Error('outside'); }));
  `,
  'exit in run': `
    const d = got('d');
    const e = got('e');
    d.run(() => {
      e.run(() => { d.exit(); log(!domain.active); });
      log(!domain.active);
      setImmediate(() => log(!domain.active));
    });
    log(!domain.active);
  `,
  'what is active where': `
    const d = got('d');
    const e = got('e');
    const name = () => ['d', 'e'][[d, e].indexOf(domain.active)];
    d.run(() => {
      log(name());
      setImmediate(() => log(name()));
      e.run(() => { log(name()); process.nextTick(() => log(name())); Promise.resolve().then(() => log(name())); });
      log(name());
      setImmediate(() => { log(name()); e.run(() => log(name())); log(name()); });
    });
    log(name());
    setImmediate(() => log(name()));
  `,
  'two domains that interleave': `
    for (const name of ['a', 'b']) {
      const d = got(name);
      d.run(() => {
        let turns = 0;
        const turn = () => {
          log(name, turns, domain.active === d);
          if (++turns < 4) setImmediate(turn);
          throw new Error(name + turns);
        };
        setImmediate(turn);
      });
    }
  `,
  'two domains that interleave in async functions': `
    for (const name of ['a', 'b']) {
      const d = got(name);
      d.run(async () => {
        for (let turn = 0; turn < 4; turn++) {
          await new Promise((resolve) => setImmediate(resolve));
          log(name, turn, domain.active === d);
          process.nextTick(() => { throw new Error(name + turn); });
        }
      });
    }
  `,
  'an error that is caught in the domain': `
    got('d').run(() => {
      try {
        throw new Error('caught');
      } catch (error) {
        log(error.message, error.domain);
      }
    });
    log(domain.active);
  `,
  'an error of run that is caught, then another one': `
    const d = got('d');
    setImmediate(() => {
      try {
        d.run(() => { throw new Error('caught'); });
      } catch (error) {
        log(error.message, domain.active === d);
      }
      throw new Error('not caught');
    });
  `,
};
