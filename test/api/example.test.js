'use strict';

const assert = require('node:assert');

const context = require('context');

describe('the documented example', () => {
  it('gives each place the values that the documentation says', async () => {
    const writer = context.createNamespace('example.writer');
    writer.set('value', 0);
    const seen = {};

    const outer = writer.createContext();
    const inner = writer.createContext();
    const look = () => [writer, outer, inner].map((one) => one.get('value'));
    const ticked = new Promise((resolve) => {
      const timed = new Promise((fired) => {
        outer.run(() => {
          seen.start = look();
          writer.set('value', 1);
          seen.set = look();
          process.nextTick(() => {
            seen.tick = look();
            inner.run(() => {
              seen.inner = look();
              writer.set('value', 2);
              seen.innerSet = look();
            });
            resolve(timed);
          });
        });
        setTimeout(() => {
          seen.timer = writer.get('value');
          fired();
        }, 1);
      });
    });
    await ticked;

    assert.deepStrictEqual(seen, {
      start: [0, undefined, undefined],
      set: [1, 1, undefined],
      tick: [1, 1, undefined],
      inner: [1, 1, undefined],
      innerSet: [2, 1, 2],
      timer: 0,
    });
  });
});
