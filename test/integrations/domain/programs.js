'use strict';

const { catalogue } = require('../catalogue');

/**
 * Programs that have the same outcome with `context/domain` as with the `domain` of Node.js, by what they log. Each finds what
 * run.js has. They leave the process as it is, so that one process can run them all; those that do not are in endings.js.
 */
module.exports = {
  ...require('./methods'),
  ...catalogue(`
// a throw in run
got('d').run(fail, 'sync'); log('not reached');
// a throw in run of what is no error
const d = got('d');
for (const value of ['text', null, undefined]) setImmediate(() => d.run(() => { throw value; }));
// the values that pass through run
const d = got('d');
log(d.run(function (...args) { return [this === d, ...args]; }, 1, 2), d.run(() => {}));
// a throw in a timer
got('d').run(() => setTimeout(fail, 1, 'timer')); setTimeout(log, 2, 'goes on');
// a throw in a nextTick
got('d').run(() => process.nextTick(fail, 'tick')); process.nextTick(log, 'goes on');
// a throw in a promise reaction
got('d').run(() => { Promise.resolve('reaction').then(fail); });
setImmediate(log, 'goes on');
// a throw in a timer after an await
got('d').run(async () => { await null; log('awaited'); setTimeout(fail, 1, 'later'); });
// an error that is caught in the domain
got('d').run(() => {
  try {
    fail('caught');
  } catch (error) {
    log(error.message, error.domain);
  }
});
log(domain.active);
// an error of run that is caught, then another one
const d = got('d');
setImmediate(() => {
  try {
    d.run(fail, 'caught');
  } catch (error) {
    log(error.message, domain.active === d);
  }
  fail('not caught');
});
// an emitter without a listener, if it was created in the domain
const d = got('d');
const emitter = d.run(() => new EventEmitter());
log(emitter.domain === d, d.members.length);
log(emitter.emit('error', new Error('emitted')));
log('goes on');
// the listeners of an emitter that was created in the domain
const emitter = got('d').run(() => new EventEmitter());
emitter.on('event', (value) => { log('event', value); fail('in a listener'); });
setImmediate(() => emitter.emit('event', 1));
// an emitter with a listener for its errors
const emitter = got('d').run(() => new EventEmitter());
emitter.on('error', (error) => log('listener', error.message, error.domainThrown, error.domain));
log(emitter.emit('error', new Error('emitted')));
// an emitter that emits no error at all
const d = domain.create();
const emitter = d.run(() => new EventEmitter());
d.on('error', (error) => log(error.message, error.code, error.domainEmitter === emitter));
for (const args of [[], [null], [0]]) emitter.emit('error', ...args);
// an emitter that emits a string as error
const d = domain.create();
d.on('error', (error) => log('d', error));
d.run(() => new EventEmitter()).emit('error', 'text');
// emitted errors in the domain
got('d').run(() => {
  log(new EventEmitter().emit('error', new Error('emitted')));
  log('goes on inside');
});
log('goes on');
// an emitter in a domain without a listener, inside another one
got('outer').run(() => domain.create().run(() => new EventEmitter().emit('error', new Error('emitted'))));
// a class of emitters with a domain of its own kind
class Mail extends EventEmitter {}
const d = got('d');
const mail = d.run(() => new Mail());
log(mail.domain === d);
mail.on('sent', () => log('sent'));
mail.emit('sent');
mail.emit('error', new Error('not sent'));
// a socket that cannot connect
const net = require('net');
const server = net.createServer().listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  server.close(() => {
    const d = domain.create();
    d.on('error', (error) => log('d', error.code, error.domainEmitter.constructor.name, error.domainThrown));
    d.run(() => net.connect(port, '127.0.0.1'));
  });
});
// requests of an HTTP server, each in its domain
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
    if (request.url === '/sync') fail('sync');
    if (request.url === '/timer') setTimeout(fail, 1, 'timer');
    if (request.url === '/body') request.on('end', () => fail('end')).resume();
    if (request.url === '/emit') setImmediate(() => request.emit('error', new Error('emitted')));
  });
}).listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  const agent = new http.Agent({ keepAlive: true });
  for (const path of ['/timer', '/body', '/emit', '/timer', '/sync', '/body']) {
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
// a domain around another one, which has the listener
got('outer').run(() => domain.create().run(fail, 'inner'));
// a domain around another one, whose listener throws
got('outer').run(() => throwing('inner').run(fail, 'sync'));
// three domains, two of which throw
got('outer').run(() => throwing('middle').run(() => throwing('inner').run(fail, 'sync')));
// a domain whose listener throws, entered in a callback of another one
got('outer').run(() => setImmediate(() => throwing('inner').run(fail, 'sync')));
// a domain entered in itself, whose listener throws
const inner = throwing('inner');
got('outer').run(() => inner.run(() => inner.run(() => inner.run(fail, 'sync'))));
// a listener that enters another domain, in which it throws
const other = got('other');
const d = domain.create().on('error', (error) => { log('d', error.message); other.run(fail, 'in other'); });
got('outer').run(() => d.run(fail, 'sync'));
// a listener that starts what throws later
const d = domain.create().on('error', (error) => { log('d', error.message); setImmediate(fail, 'later'); });
got('outer').run(() => d.run(fail, 'sync'));
// what the listener sees
const d = domain.create();
d.on('error', function (error) {
  log(this === d, error.domain === d, error.domainThrown, Object.keys(error), domain.active === d);
});
d.run(() => setImmediate(fail, 'immediate'));
// what the listener sees of an emitted error
const d = domain.create();
const emitter = new EventEmitter();
d.add(emitter);
d.on('error', function (error) {
  log(this === d, error.domain === d, error.domainThrown, error.domainEmitter === emitter);
  log(Object.keys(error).sort(), domain.active === d);
});
emitter.emit('error', new Error('emitted'));
d.run(() => { emitter.emit('error', new Error('emitted inside')); log(domain.active === d); });
// a class that extends Domain
class Own extends domain.Domain {}
const d = new Own();
d.on('error', (error) => log(error.message, error.domain === d));
log(d instanceof EventEmitter, domain.create() instanceof domain.Domain, domain.create === domain.createDomain);
d.run(() => setImmediate(fail, 'immediate'));
// a domain that is created in another one
const outer = got('outer');
const inner = outer.run(() => domain.create());
log(Boolean(inner.domain), outer.members.length);
// an unhandled rejection
got('d').run(() => { Promise.reject(new Error('rejected')); }); setImmediate(log, 'goes on');
// an unhandled rejection of an async function
const d = domain.create();
d.on('error', (error) => log('d', error.message, error.domainThrown, 'domain' in error, domain.active === d));
d.run(async () => { await null; fail('rejected'); });
// an unhandled rejection with no error
const d = domain.create();
d.on('error', (error) => log('d', error));
d.run(async () => { throw 'text'; });
d.run(async () => { throw undefined; });
// a rejection that is handled
got('d').run(() => { Promise.reject(new Error('rejected')).catch((error) => log('caught', error.message)); });
`),
};
