'use strict';

const { catalogue } = require('../catalogue');

/**
 * Programs as those of programs.js that end the process, or put listeners on it: each has a process of its own. Its main script is
 * where they begin.
 */
module.exports = catalogue(`
// a throw in run
got('d').run(fail, 'sync'); log('not reached');
// an error that is emitted
got('d').run(() => new EventEmitter()).emit('error', new Error('emitted')); log('goes on');
// an emitter whose domain has no listener
const emitter = domain.create().run(() => new EventEmitter());
try {
  emitter.emit('error', new Error('emitted'));
} catch (error) {
  log('caught', error.message, error.domainThrown, error.domainEmitter === emitter);
}
emitter.emit('error', new Error('nobody has it'));
// a domain whose listener throws, with none around it
process.on('exit', (code) => log('exit', code));
throwing('d').run(fail, 'sync');
// a domain whose listener throws, later, in a callback that began in another one
got('outer').run(() => throwing('inner').run(() => setImmediate(fail, 'immediate')));
// a listener that starts what throws later, with no domain around it
const d = domain.create().on('error', (error) => { log('d', error.message); setImmediate(fail, 'later'); });
d.run(fail, 'sync');
// a domain without a listener
domain.create().run(fail, 'sync');
// a domain without a listener, later
process.on('exit', (code) => log('exit', code));
domain.create().run(() => setTimeout(fail, 1, 'timer'));
// a listener that is taken off again
const d = domain.create();
const listener = () => log('not reached');
d.on('error', listener);
d.run(() => setImmediate(fail, 'immediate'));
d.removeListener('error', listener);
// a listener for one error
const d = domain.create().once('error', (error) => log('once', error.message));
for (const message of ['first', 'second']) setImmediate(() => d.run(fail, message));
// no domain at all
domain.create().on('error', () => log('not reached'));
process.on('exit', (code) => log('exit', code));
setImmediate(fail, 'outside');
// an exception outside, in the callback after one inside
const d = got('d');
setImmediate(() => d.run(fail, 'inside'));
setImmediate(() => { log('next'); fail('outside'); });
// an exit in a callback
const d = got('d');
d.run(() => setImmediate(() => { d.exit(); log(domain.active === d); fail('outside'); }));
// intercept in a domain without a listener
domain.create().intercept(() => {})(new Error('intercepted'));
// intercept in the domain, whose listener throws
const d = throwing('d');
d.run(() => setImmediate(d.intercept(() => {}), new Error('intercepted')));
// an emitter that nobody has any more
const [d, emitter] = [got('d'), new EventEmitter()];
d.add(emitter);
d.remove(emitter);
emitter.emit('error', new Error('to nobody'));
// a timer added
const d = got('d');
const timer = setTimeout(() => { log('timer'); fail('timer'); }, 1);
d.add(timer);
log(d.members.length, timer.domain === d);
// an unhandled rejection beside a listener of the process
process.on('unhandledRejection', (error) => log('process', error.message));
got('d').run(async () => fail('in d'));
Promise.reject(new Error('outside'));
// an unhandled rejection in a domain without a listener
domain.create().run(async () => fail('rejected'));
// an unhandled rejection in a domain without a listener, inside another one
got('outer').run(() => domain.create().run(async () => fail('rejected')));
// an unhandled rejection, whose listener throws
got('outer').run(() => throwing('d').run(async () => fail('rejected')));
// an unhandled rejection, whose listener starts what throws later
const d = domain.create().on('error', (error) => { log('d', error.message); setImmediate(fail, 'later'); });
d.run(async () => fail('rejected'));
// an unhandled rejection outside
got('d').run(() => {}); Promise.reject(new Error('outside'));
// uncaughtException listeners beside a domain
process.on('uncaughtException', (error, origin) => log('process', error.message, origin, !domain.active));
const d = got('d');
setImmediate(() => d.run(fail, 'in d'));
setImmediate(fail, 'outside');
setImmediate(() => domain.create().run(fail, 'in a domain without a listener'));
setImmediate(() => { Promise.reject(new Error('rejected')); });
// uncaughtException listeners beside a domain, whose listener throws
process.on('uncaughtException', (error) => log('process', error.message));
throwing('d').run(fail, 'sync');
// uncaughtExceptionMonitor listeners beside a domain
process.on('uncaughtExceptionMonitor', (error, origin) => log('monitor', error.message, origin));
const d = got('d');
setImmediate(() => d.run(fail, 'in d'));
setImmediate(fail, 'outside');
// an exit code that is set in the listener
process.on('exit', (code) => log('exit', code));
domain.create().on('error', (error) => { log(error.message); process.exitCode = 3; }).run(fail, 'sync');
// an exit in the listener
process.on('exit', (code) => log('exit', code));
const d = domain.create().on('error', (error) => { log(error.message); process.exit(4); });
d.run(() => setImmediate(fail, 'immediate'));
// errors emitted on the domain itself
const d = got('d');
log(d.emit('error', new Error('emitted')));
d.run(() => log(d.emit('error', new Error('emitted inside'))));
domain.create().emit('error', new Error('on one without a listener'));
// a domain that is created in another one
got('outer').run(() => domain.create()).emit('error', new Error('emitted'));
`);
