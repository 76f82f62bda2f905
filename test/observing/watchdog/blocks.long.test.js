'use strict';

const assert = require('node:assert');

const { KINDS, Subject } = require('./subject');

/** In milliseconds. The matrix of the watchdog's blocks is stricter. */
const OPTIONS = { threshold: 400, blockTime: 1200 };
const LATE = 200;

for (const thread of process.platform === 'win32' ? [] : ['main', 'worker']) {
  describe(`a request of 50 that blocks the ${thread} thread is named while it does`, function () {
    this.timeout(120_000);
    let subject;
    before(async () => (subject = await Subject.start({ thread, ...OPTIONS })));
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
