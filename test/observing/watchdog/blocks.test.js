'use strict';

const assert = require('node:assert');

const { KINDS, Subject } = require('./subject');

/** In milliseconds. The long form, `node tools/test-observers.js watchdog`, is stricter. */
const THRESHOLD = 200;
const BLOCK = 700;
const LATE = 200;

for (const thread of ['main', 'worker']) {
  describe(`a request of 50 that blocks the ${thread} thread is named while it does`, function () {
    if (process.platform === 'win32') return; // has no mkfifo, and no sleep
    this.timeout(120_000);
    let subject;
    before(async () => (subject = await Subject.start({ thread, threshold: THRESHOLD, blockTime: BLOCK })));
    after(() => subject.stop());

    for (const kind of KINDS) {
      for (const when of ['before', 'after']) {
        it(`${kind}, ${when} an await`, async () => {
          const { problems, late } = await subject.block(kind, when);
          assert.deepStrictEqual(problems, []);
          assert.ok(late < LATE, `${late} ms late`);
        });
      }
    }
  });
}
