'use strict';

const assert = require('node:assert');

const { runNode } = require('../../support/child');
const { blocks } = require('./docs');

const programs = blocks.filter(({ language, code }) => language === 'js' && !code.startsWith('module.exports'));

/** Runs what docs/cls.md shows, from top to bottom, and what is to be seen of it. */
async function run(library) {
  const shown = programs.map(({ code }) => code).join('\n');
  const code = shown.replace("require('context/cls')", `require('${library}')`);
  const { stdout, stderr } = await runNode(`${code}
    (async () => {
      const greetings = await Promise.all(['Ada', 'Bob'].map((user) => handle({ user })));
      console.log(JSON.stringify([greetings, (await twoJobs()) ?? 'undefined']));
    })();
  `);
  assert.ok(stdout, stderr);
  return JSON.parse(stdout);
}

describe('docs/cls.md', () => {
  it('has programs that do what they say', async () => {
    assert.strictEqual(programs.length, 2);
    assert.deepStrictEqual(await run('context/cls'), [['Hello, Ada', 'Hello, Bob'], 'undefined']);
    const [, job] = await run('cls-hooked');
    assert.strictEqual(job, 1);
  });

  it('has no other code than what tests run', () => {
    // override.test.js runs the three at the end.
    assert.deepStrictEqual(
      blocks.map(({ language }) => language),
      ['js', 'js', 'json', 'js', 'json'],
    );
  });
});
