'use strict';

/** Programs of the catalogue, see index.js: rejections, and what the process reports. */
module.exports = {
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
};
