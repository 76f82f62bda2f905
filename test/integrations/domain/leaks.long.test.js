'use strict';

const assert = require('node:assert');

const { runNode } = require('../../support/child');

/** What a program prints, sorted: the errors that a domain gets, and the others, which are uncaught. */
async function outputOf(program) {
  const { code, stdout, stderr } = await runNode(`
    const http = require('http');
    const domain = require('context/domain');
    const { finalize } = require('./test/support/subject');
    const got = (name) => domain.create().on('error', (error) => console.log(name, 'got', error.message));
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    ${program}
  `);
  assert.strictEqual(code, 0, stderr);
  return stdout.trimEnd().split('\n').sort();
}

/** Fails in callbacks that belong to nobody: each is to be an uncaught exception. */
const FAILING = `
  const fail = (message) => { throw new Error(message); };
  const finalizeTwo = () => finalize([1, 2], (value) => {
    setImmediate(fail, 'started in finalized ' + value);
    fail('finalized ' + value);
  });
  process.once('beforeExit', () => {
    console.log('beforeExit', domain.active);
    setImmediate(fail, 'started in beforeExit');
  });
`;

const FAILURES = [
  'beforeExit undefined',
  'uncaught finalized 1',
  'uncaught finalized 2',
  'uncaught started in beforeExit',
  'uncaught started in finalized 1',
  'uncaught started in finalized 2',
];

describe('a domain gets no errors of callbacks that do not belong to it', () => {
  it('if it was entered in an HTTP handler, after an await, as the first one of the process', async () => {
    const lines = await outputOf(`${FAILING}
      const d = got('d');
      const server = http.createServer(async (request, response) => {
        await null;
        d.enter();
        setImmediate(fail, 'of the handler');
        response.end();
      });
      server.listen(0, () => http.get({ port: server.address().port, agent: false }, (response) => {
        response.resume().on('end', () => { server.close(); setImmediate(finalizeTwo); });
      }));
    `);
    assert.deepStrictEqual(lines, [FAILURES[0], 'd got of the handler', ...FAILURES.slice(1)]);
  });

  it('if it was entered by another callback of a FinalizationRegistry', async () => {
    const lines = await outputOf(`
      finalize(['a', 'b', 'c'], (name) => {
        console.log('before', name, Boolean(domain.active));
        got(name).enter();
        setImmediate(() => { throw new Error('from ' + name); });
      });
    `);
    const names = ['a', 'b', 'c'];
    const expected = names.flatMap((name) => [`before ${name} false`, `${name} got from ${name}`]);
    assert.deepStrictEqual(lines, expected.sort());
  });

  it('if it was entered, as the first one of the process, by a function that waited for the same promise', async () => {
    const lines = await outputOf(`${FAILING}
      const d = got('d');
      let release;
      const shared = new Promise((resolve) => { release = resolve; });
      const wait = async (name) => {
        await shared;
        if (name === 'c') d.enter();
        await turn();
        setImmediate(fail, 'of ' + name);
      };
      for (const name of ['a', 'b', 'c']) wait(name);
      setImmediate(release);
      setImmediate(() => setImmediate(finalizeTwo));
    `);
    assert.deepStrictEqual(lines, [...FAILURES, 'd got of c', 'uncaught of a', 'uncaught of b'].sort());
  });
});
