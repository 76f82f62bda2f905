'use strict';

/** Programs of the catalogue, see index.js: what listeners of domains do, and what is around them. */
module.exports = {
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
};
