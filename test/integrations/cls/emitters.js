'use strict';

const { catalogue } = require('../catalogue');

/** Programs of programs.js: bindEmitter. Each has an emitter that is bound. */
const programs = catalogue(`
// runs a listener in the context that was active where it was put on
const put = () => emitter.on('event', () => log(which(namespace.active)));
log(which(namespace.run(put)), which(namespace.run(put)));
emitter.emit('event');
namespace.run(() => emitter.emit('event'));
log(namespace.active);
// binds what has the methods of an emitter mixed in, and what inherits from a bound one
class Server extends EventEmitter {}
const mixed = Object.assign(() => {}, EventEmitter.prototype);
for (const bound of [mixed, Server.prototype]) namespace.bindEmitter(bound);
for (const target of [mixed, Object.create(emitter), new Server()]) {
  const listener = () => log(which(namespace.active));
  log(which(namespace.run(() => target.on('event', listener))));
  target.emit('event');
  target.removeListener('event', listener);
  log(target.emit('event'));
}
// binds the listeners of on, addListener and once
const context = namespace.run(() => {
  for (const method of ['on', 'addListener', 'once']) emitter[method]('event', () => log(method, namespace.active === context));
});
for (let i = 0; i < 2; i++) emitter.emit('event');
log(emitter.listenerCount('event'));
// leaves listeners alone that were there before
const other = new EventEmitter();
namespace.run(() => {
  other.on('event', () => log(namespace.active));
  namespace.bindEmitter(other);
});
other.emit('event');
// runs a listener that was put on outside of contexts in that of the caller of emit, else in a new one
emitter.on('event', () => log(which(namespace.active)));
log(which(namespace.run(() => emitter.emit('event'))));
for (let i = 0; i < 2; i++) emitter.emit('event');
// can be called again, and has the values of the contexts of several namespaces
const other = newNamespace();
other.bindEmitter(emitter);
namespace.run(() => {
  namespace.bindEmitter(emitter);
  namespace.set('key', 1);
  other.run(() => {
    other.set('key', 2);
    emitter.on('event', () => log(namespace.get('key'), other.get('key')));
  });
});
emitter.emit('event');
// passes this and the arguments, and what the methods return
const listener = function (...args) { log(this === emitter, args); };
namespace.run(() => log(emitter.on('event', listener) === emitter));
log(emitter.emit('event', 1, 2), emitter.emit('other'), emitter.off('other', () => {}) === emitter);
// leaves it to the emitter to remove, to count and to list listeners
const [one, two] = [() => {}, () => {}];
const look = () => log(emitter.listeners('event').map((each) => [one, two].indexOf(each)), emitter.listenerCount('event'));
namespace.run(() => emitter.on('event', one).once('event', two).on('event', one));
look();
log(emitter.rawListeners('event')[0] === one);
emitter.removeListener('event', one);
look();
emitter.off('event', two);
look();
emitter.removeAllListeners('event');
look();
// lets listeners remove themselves and others while they run
const one = () => {
  log('one');
  for (const listener of [one, two]) emitter.removeListener('event', listener);
};
const two = () => log('two');
namespace.run(() => emitter.on('event', one).on('event', two));
for (let i = 0; i < 2; i++) log(emitter.emit('event'), emitter.listenerCount('event'));
// lets a listener emit
const look = () => log(which(namespace.active));
log(which(namespace.run(() => emitter.on('inner', look))));
log(which(namespace.run(() => emitter.on('outer', () => { emitter.emit('inner'); look(); }))));
emitter.emit('outer');
// leaves the context of a listener that throws, and writes it on the error
const error = new Error('thrown');
const context = namespace.run(() => emitter.on('event', () => { throw error; }));
for (let i = 0; i < 2; i++) {
  log(caught(() => emitter.emit('event')), namespace.active, namespace.fromException(error) === context);
}
log(caught(() => emitter.on('event', 'no function')), caught(() => emitter.emit('error', new Error('emitted'))));
// works with streams
const stream = new Readable({ read() {} });
namespace.bindEmitter(stream);
const context = namespace.createContext();
const ended = new Promise(namespace.bind((resolve) => {
  stream.on('data', (chunk) => log(String(chunk), namespace.active === context));
  stream.on('end', () => resolve(namespace.active === context));
}, context));
namespace.run(() => stream.push('text'));
stream.push(null);
log(await ended);
// marks what it has bound, as emitter-listener does
for (const each of [emitter, new EventEmitter()]) {
  log(['on', 'addListener', 'emit'].map((method) => Boolean(each[method].__wrapped)), Object.keys(each));
}
// throws for anything but emitters
for (const other of [{}, { on() {}, emit() {} }, undefined]) log(caught(() => namespace.bindEmitter(other)));
`);

module.exports = Object.fromEntries(Object.entries(programs).map(([title, program]) => [`bindEmitter ${title}`, program]));
