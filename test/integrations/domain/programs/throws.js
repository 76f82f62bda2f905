'use strict';

/** Programs of the catalogue, see index.js: throws in callbacks of every kind. */
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
};
