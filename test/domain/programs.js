'use strict';

/**
 * Programs that have the same outcome with `context/domain` as with the `domain` of Node.js, by what they show. Each
 * finds what the prelude in outcome.js has: `domain`, the module; `got(name)`, a domain that logs the errors it
 * receives; `throwing(name)`, one that throws another error for each; `log`; `EventEmitter`.
 */
module.exports = {
  'a throw in run': `
    got('d').run(() => { throw new Error('sync'); });
    log('not reached');
  `,
  'a throw in run of what is no error': `
    const d = got('d');
    setImmediate(() => d.run(() => { throw 'text'; }));
    setImmediate(() => d.run(() => { throw null; }));
    setImmediate(() => d.run(() => { throw undefined; }));
  `,
  'the values that pass through run': `
    const d = got('d');
    log(d.run(function (...args) { return [this === d, ...args]; }, 1, 2));
    log(d.run(() => {}));
  `,
  'a throw in a timer': `
    got('d').run(() => setTimeout(() => { throw new Error('timer'); }, 1));
    setTimeout(() => log('goes on'), 2);
  `,
  'throws in an interval': `
    got('d').run(() => {
      let turns = 0;
      const interval = setInterval(() => {
        if (++turns === 3) clearInterval(interval);
        throw new Error('turn ' + turns);
      }, 1);
    });
  `,
  'a throw in an immediate': `
    got('d').run(() => setImmediate(() => { throw new Error('immediate'); }));
    setImmediate(() => log('goes on'));
  `,
  'a throw in a nextTick': `
    got('d').run(() => process.nextTick(() => { throw new Error('tick'); }));
    process.nextTick(() => log('goes on'));
  `,
  'a throw in a nextTick of a nextTick': `
    got('d').run(() => process.nextTick(() => process.nextTick(() => { throw new Error('tick'); })));
  `,
  'a throw in a promise reaction': `
    got('d').run(() => { Promise.resolve().then(() => { throw new Error('reaction'); }); });
    setImmediate(() => log('goes on'));
  `,
  'a throw in a timer that a promise reaction started': `
    got('d').run(() => { Promise.resolve().then(() => setTimeout(() => { throw new Error('later'); }, 1)); });
  `,
  'a throw in a timer after an await': `
    got('d').run(async () => {
      await null;
      log('awaited');
      setTimeout(() => { throw new Error('later'); }, 1);
    });
  `,
  'a throw in a callback of fs': `
    const fs = require('fs');
    got('d').run(() => fs.readFile('package.json', () => fs.open('does-not-exist', (error) => { throw error; })));
  `,
  'an emitter without a listener, where it was created in the domain': `
    const d = got('d');
    const emitter = d.run(() => new EventEmitter());
    log(emitter.domain === d, d.members.length);
    log(emitter.emit('error', new Error('emitted')));
    log('goes on');
  `,
  'the listeners of an emitter that was created in the domain': `
    const d = got('d');
    const emitter = d.run(() => new EventEmitter());
    emitter.on('event', (value) => { log('event', value); throw new Error('in a listener'); });
    setImmediate(() => emitter.emit('event', 1));
  `,
  'an emitter with a listener for its errors': `
    const emitter = got('d').run(() => new EventEmitter());
    emitter.on('error', (error) => log('listener', error.message, error.domainThrown, error.domain));
    log(emitter.emit('error', new Error('emitted')));
  `,
  'an emitter that emits no error at all': `
    const d = domain.create();
    const emitter = d.run(() => new EventEmitter());
    d.on('error', (error) => log(error.message, error.code, error.domainEmitter === emitter));
    emitter.emit('error');
    emitter.emit('error', null);
    emitter.emit('error', 0);
  `,
  'an emitter that emits a string as error': `
    const d = domain.create();
    d.on('error', (error) => log('d', error));
    d.run(() => new EventEmitter()).emit('error', 'text');
  `,
  'emitted errors in the domain': `
    const d = got('d');
    d.run(() => {
      log(new EventEmitter().emit('error', new Error('emitted')));
      log('goes on inside');
    });
    log('goes on');
  `,
  'an emitter whose domain has no listener': `
    const emitter = domain.create().run(() => new EventEmitter());
    try {
      emitter.emit('error', new Error('emitted'));
    } catch (error) {
      log('caught', error.message, error.domainThrown, error.domainEmitter === emitter);
    }
    emitter.emit('error', new Error('nobody has it'));
  `,
  'an emitter in a domain without a listener, inside another one': `
    got('outer').run(() => domain.create().run(() => new EventEmitter().emit('error', new Error('emitted'))));
  `,
  'a class of emitters with a domain of its own kind': `
    class Mail extends EventEmitter {}
    const d = got('d');
    const mail = d.run(() => new Mail());
    log(mail.domain === d);
    mail.on('sent', () => log('sent'));
    mail.emit('sent');
    mail.emit('error', new Error('not sent'));
  `,
  'streams in a domain': `
    const { PassThrough } = require('stream');
    const d = got('d');
    d.run(() => {
      const stream = new PassThrough();
      stream.on('data', (data) => {
        log(String(data));
        setImmediate(() => new PassThrough().destroy(new Error('destroyed')));
        throw new Error('in data');
      });
      setImmediate(() => stream.write('data'));
    });
  `,
  'a socket that cannot connect': `
    const net = require('net');
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => {
        const d = domain.create();
        d.on('error', (error) => log('d', error.code, error.domainEmitter.constructor.name, error.domainThrown));
        d.run(() => net.connect(port, '127.0.0.1'));
      });
    });
  `,
  'requests of an HTTP server, each in its domain': `
    const http = require('http');
    const server = http.createServer((request, response) => {
      const d = domain.create();
      d.on('error', (error) => {
        log(error.message, error.domainThrown);
        response.statusCode = 500;
        response.end(error.message);
      });
      d.add(request);
      d.add(response);
      d.run(() => {
        if (request.url === '/sync') throw new Error('sync');
        if (request.url === '/timer') setTimeout(() => { throw new Error('timer'); }, 1);
        if (request.url === '/body') request.on('end', () => { throw new Error('end'); }).resume();
        if (request.url === '/emit') setImmediate(() => request.emit('error', new Error('emitted')));
      });
    }).listen(0, '127.0.0.1', async () => {
      const { port } = server.address();
      const agent = new http.Agent({ keepAlive: true });
      for (const path of ['/sync', '/timer', '/body', '/emit', '/sync', '/timer']) {
        await new Promise((resolve) => {
          const request = http.request({ agent, port, path, host: '127.0.0.1', method: 'POST' }, (response) => {
            response.on('data', (data) => log('body', String(data), response.statusCode)).on('end', resolve);
          });
          request.end('body');
        });
      }
      agent.destroy();
      server.close();
    });
  `,
  'an HTTP server in a domain': `
    const http = require('http');
    const d = got('d');
    d.run(() => {
      const server = http.createServer((request, response) => {
        log('request');
        response.end();
        server.close();
        throw new Error('in the listener');
      }).listen(0, '127.0.0.1', () => {
        log('listening');
        http.get({ port: server.address().port, host: '127.0.0.1', agent: false }, (response) => {
          log('response');
          response.resume().on('end', () => { log('end'); throw new Error('at the end'); });
        });
      });
    });
  `,
  'a child process in a domain': `
    const { execFile } = require('child_process');
    got('d').run(() => {
      execFile(process.execPath, ['-e', ''], () => {
        execFile('does-not-exist', () => { throw new Error('not started'); });
        throw new Error('exited');
      });
    });
  `,
  'a domain around another one, which has the listener': `
    got('outer').run(() => domain.create().run(() => { throw new Error('inner'); }));
  `,
  'a domain around another one, whose listener throws': `
    got('outer').run(() => throwing('inner').run(() => { throw new Error('sync'); }));
  `,
  'three domains, two of which throw': `
    got('outer').run(() => throwing('middle').run(() => throwing('inner').run(() => { throw new Error('sync'); })));
  `,
  'a domain whose listener throws, with none around it': `
    process.on('exit', (code) => console.log('exit', code));
    throwing('d').run(() => { throw new Error('sync'); });
  `,
  'a domain whose listener throws, later, in a callback that began in another one': `
    got('outer').run(() => throwing('inner').run(() => setImmediate(() => { throw new Error('immediate'); })));
  `,
  'a domain whose listener throws, entered in a callback of another one': `
    got('outer').run(() => setImmediate(() => throwing('inner').run(() => { throw new Error('sync'); })));
  `,
  'a domain entered in itself, whose listener throws': `
    const outer = got('outer');
    const inner = throwing('inner');
    outer.run(() => inner.run(() => inner.run(() => inner.run(() => { throw new Error('sync'); }))));
  `,
  'a listener that enters another domain, in which it throws': `
    const d = domain.create();
    const other = got('other');
    d.on('error', (error) => { log('d', error.message); other.run(() => { throw new Error('in other'); }); });
    got('outer').run(() => d.run(() => { throw new Error('sync'); }));
  `,
  'a listener that starts what throws later': `
    const d = domain.create();
    d.on('error', (error) => { log('d', error.message); setImmediate(() => { throw new Error('later'); }); });
    got('outer').run(() => d.run(() => { throw new Error('sync'); }));
  `,
  'a listener that starts what throws later, with no domain around it': `
    const d = domain.create();
    d.on('error', (error) => { log('d', error.message); setImmediate(() => { throw new Error('later'); }); });
    d.run(() => { throw new Error('sync'); });
  `,
  'a domain without a listener': `
    domain.create().run(() => { throw new Error('sync'); });
  `,
  'a domain without a listener, later': `
    process.on('exit', (code) => console.log('exit', code));
    domain.create().run(() => setTimeout(() => { throw new Error('timer'); }, 1));
  `,
  'a listener that is taken off again': `
    const d = domain.create();
    const listener = () => log('not reached');
    d.on('error', listener);
    d.run(() => setImmediate(() => { throw new Error('immediate'); }));
    d.removeListener('error', listener);
  `,
  'a listener for one error': `
    const d = domain.create();
    d.once('error', (error) => log('once', error.message));
    setImmediate(() => d.run(() => { throw new Error('first'); }));
    setImmediate(() => d.run(() => { throw new Error('second'); }));
  `,
  'no domain at all': `
    domain.create().on('error', () => log('not reached'));
    process.on('exit', (code) => console.log('exit', code));
    setImmediate(() => { throw new Error('outside'); });
  `,
  'an exception outside, after one inside': `
    got('d').run(() => { throw new Error('inside'); });
  `,
  'an exception outside, in the callback after one inside': `
    const d = got('d');
    setImmediate(() => d.run(() => { throw new Error('inside'); }));
    setImmediate(() => { log('next'); throw new Error('outside'); });
  `,
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
  'bind': `
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
  'an unhandled rejection': `
    got('d').run(() => { Promise.reject(new Error('rejected')); });
    setImmediate(() => log('goes on'));
  `,
  'an unhandled rejection of an async function': `
    const d = domain.create();
    d.on('error', (error) => log('d', error.message, error.domainThrown, 'domain' in error, domain.active === d));
    d.run(async () => { await null; throw new Error('rejected'); });
  `,
  'an unhandled rejection with no error': `
    const d = domain.create();
    d.on('error', (error) => log('d', error));
    d.run(async () => { throw 'text'; });
    d.run(async () => { throw undefined; });
  `,
  'an unhandled rejection beside a listener of the process': `
    process.on('unhandledRejection', (error) => log('process', error.message));
    got('d').run(async () => { throw new Error('in d'); });
    Promise.reject(new Error('outside'));
  `,
  'an unhandled rejection in a domain without a listener': `
    domain.create().run(async () => { throw new Error('rejected'); });
  `,
  'an unhandled rejection in a domain without a listener, inside another one': `
    got('outer').run(() => domain.create().run(async () => { throw new Error('rejected'); }));
  `,
  'an unhandled rejection, whose listener throws': `
    got('outer').run(() => throwing('d').run(async () => { throw new Error('rejected'); }));
  `,
  'an unhandled rejection, whose listener starts what throws later': `
    const d = domain.create();
    d.on('error', (error) => { log('d', error.message); setImmediate(() => { throw new Error('later'); }); });
    d.run(async () => { throw new Error('rejected'); });
  `,
  'an unhandled rejection outside': `
    got('d').run(() => {});
    Promise.reject(new Error('outside'));
  `,
  'a rejection that is handled': `
    got('d').run(() => { Promise.reject(new Error('rejected')).catch((error) => log('caught', error.message)); });
  `,
  'uncaughtException listeners beside a domain': `
    process.on('uncaughtException', (error, origin) => log('process', error.message, origin, !domain.active));
    const d = got('d');
    setImmediate(() => d.run(() => { throw new Error('in d'); }));
    setImmediate(() => { throw new Error('outside'); });
    setImmediate(() => domain.create().run(() => { throw new Error('in a domain without a listener'); }));
    setImmediate(() => { Promise.reject(new Error('rejected')); });
  `,
  'uncaughtException listeners beside a domain, whose listener throws': `
    process.on('uncaughtException', (error) => log('process', error.message));
    throwing('d').run(() => { throw new Error('sync'); });
  `,
  'uncaughtExceptionMonitor listeners beside a domain': `
    process.on('uncaughtExceptionMonitor', (error, origin) => log('monitor', error.message, origin));
    const d = got('d');
    setImmediate(() => d.run(() => { throw new Error('in d'); }));
    setImmediate(() => { throw new Error('outside'); });
  `,
  'an exit code that is set in the listener': `
    const d = domain.create();
    d.on('error', (error) => { log(error.message); process.exitCode = 3; });
    process.on('exit', (code) => console.log('exit', code));
    d.run(() => { throw new Error('sync'); });
  `,
  'an exit in the listener': `
    const d = domain.create();
    d.on('error', (error) => { log(error.message); process.exit(4); });
    process.on('exit', (code) => console.log('exit', code));
    d.run(() => setImmediate(() => { throw new Error('immediate'); }));
  `,
  'what the listener sees': `
    const d = domain.create();
    d.on('error', function (error) {
      log(this === d, error.domain === d, error.domainThrown, Object.keys(error), domain.active === d);
    });
    d.run(() => setImmediate(() => { throw new Error('immediate'); }));
  `,
  'what the listener sees of an emitted error': `
    const d = domain.create();
    const emitter = new EventEmitter();
    d.add(emitter);
    d.on('error', function (error) {
      log(this === d, error.domain === d, error.domainThrown, error.domainEmitter === emitter);
      log(Object.keys(error).sort(), domain.active === d);
    });
    emitter.emit('error', new Error('emitted'));
    d.run(() => { emitter.emit('error', new Error('emitted inside')); log(domain.active === d); });
  `,
  'errors emitted on the domain itself': `
    const d = got('d');
    log(d.emit('error', new Error('emitted')));
    d.run(() => log(d.emit('error', new Error('emitted inside'))));
    domain.create().emit('error', new Error('on one without a listener'));
  `,
  'a class that extends Domain': `
    class Own extends domain.Domain {}
    const d = new Own();
    d.on('error', (error) => log(error.message, error.domain === d));
    log(d instanceof EventEmitter, domain.create() instanceof domain.Domain, domain.create === domain.createDomain);
    d.run(() => setImmediate(() => { throw new Error('immediate'); }));
  `,
  'a domain that is created in another one': `
    const outer = got('outer');
    const inner = outer.run(() => domain.create());
    log(Boolean(inner.domain), outer.members.length);
    inner.emit('error', new Error('emitted'));
  `,
  'an AsyncLocalStorage around a throw': `
    const { AsyncLocalStorage } = require('async_hooks');
    const store = new AsyncLocalStorage();
    store.run(1, () => got('d').run(() => store.run(2, () => { throw new Error('sync'); })));
  `,
  'an AsyncLocalStorage around nested domains': `
    const { AsyncLocalStorage } = require('async_hooks');
    const store = new AsyncLocalStorage();
    got('outer').run(() => store.run(1, () => throwing('d').run(() => { throw new Error('sync'); })));
  `,
  'an AsyncLocalStorage around a callback that throws': `
    const { AsyncLocalStorage } = require('async_hooks');
    const store = new AsyncLocalStorage();
    got('d').run(() => setImmediate(() => store.run(1, () => { throw new Error('immediate'); })));
  `,
  'an AsyncResource around a throw': `
    const { AsyncResource } = require('async_hooks');
    const resource = new AsyncResource('outside');
    setImmediate(() => resource.runInAsyncScope(() => got('d').run(() => { throw new Error('sync'); })));
    setImmediate(() => log('next', Boolean(domain.active)));
  `,
  'an AsyncResource around nested domains': `
    const { AsyncResource } = require('async_hooks');
    const resource = new AsyncResource('outside');
    const inside = () => throwing('middle').run(() => throwing('inner').run(() => { throw new Error('sync'); }));
    resource.runInAsyncScope(() => got('outer').run(inside));
  `,
  'an error that is caught around an AsyncLocalStorage, then thrown again': `
    const { AsyncLocalStorage } = require('async_hooks');
    const store = new AsyncLocalStorage();
    setImmediate(() => {
      try {
        store.run(1, () => got('d').run(() => { throw new Error('sync'); }));
      } catch (error) {
        got('e').run(() => log('cleans up'));
        throw error;
      }
    });
  `,
  'an AsyncResource of the domain': `
    const { AsyncResource } = require('async_hooks');
    const bound = got('d').run(() => AsyncResource.bind(() => { setImmediate(() => { throw new Error('later'); }); }));
    got('e').run(() => { bound(); setImmediate(() => { throw new Error('in e'); }); });
  `,
};
