'use strict';

const assert = require('node:assert');
const { setTimeout: delay } = require('node:timers/promises');

const context = require('context');

describe('the documented example', () => {
  it('gives each place the values that the documentation says', async () => {
    const writer = context.createNamespace('example.writer');
    writer.set('value', 0);
    const [outer, inner] = [writer.createContext(), writer.createContext()];
    const seen = {};
    const look = (place) => (seen[place] = [writer, outer, inner].map((one) => one.get('value')));
    const ticked = new Promise((resolve) => {
      outer.run(() => {
        look('start');
        writer.set('value', 1);
        look('set');
        process.nextTick(() => {
          look('tick');
          inner.run(() => {
            look('inner');
            writer.set('value', 2);
            look('inner set');
          });
          resolve();
        });
      });
    });
    await Promise.all([ticked, delay(1).then(() => look('timer'))]);
    assert.deepStrictEqual(seen, {
      start: [0, undefined, undefined],
      set: [1, 1, undefined],
      tick: [1, 1, undefined],
      inner: [1, 1, undefined],
      'inner set': [2, 1, 2],
      timer: [0, 1, 2],
    });
  });
});
