'use strict';

const assert = require('node:assert');

const { runNode } = require('../../support/child');
const { snippetsOf } = require('../../support/snippets');

const programs = snippetsOf('docs/cls.md').map(({ program }) => program);

/** Runs what docs/cls.md shows, from top to bottom, and what is to be seen of it. */
async function run(library) {
  const shown = programs.filter((program) => !program.startsWith('module.exports')).join('\n');
  const { stdout, stderr } = await runNode(`${shown.replace("require('context/cls')", `require('${library}')`)}
    (async () => {
      const greetings = await Promise.all(['Ada', 'Bob'].map((user) => handle({ user })));
      console.log(JSON.stringify([greetings, (await twoJobs()) ?? 'undefined']));
    })();
  `);
  assert.ok(stdout, stderr);
  return JSON.parse(stdout);
}

describe('docs/cls.md', () => {
  it('has programs that do what they say, and one more that docs.long.test.js runs', async () => {
    assert.strictEqual(programs.length, 3);
    assert.deepStrictEqual(await run('context/cls'), [['Hello, Ada', 'Hello, Bob'], 'undefined']);
    const [, job] = await run('cls-hooked');
    assert.strictEqual(job, 1);
  });
});
