'use strict';

const assert = require('node:assert');

const { linesOf } = require('../support/child');

/** A program whose handlers print what `fromException` answers with, in the handler and later. */
const program = (body) => `
  const { createNamespace } = require('context');
  const { EventEmitter } = require('events');
  const job = createNamespace('job');
  const other = createNamespace('other');
  const idOf = (error) => job.fromException(error)?.get('id');
  const log = (...values) => console.log(...values.map(String));
  const fail = (message) => { throw new Error(message); };
  const inJob = (id, callback) => job.run({ id }, callback);
  const handle = (callback) => {
    process.on('uncaughtException', callback);
    process.on('unhandledRejection', callback);
  };
  ${body}`;

/** By what fails, how: in job 1. */
const failures = {
  'a timer': "setTimeout(() => fail('it'), 1)",
  'a tick': "process.nextTick(() => fail('it'))",
  'an immediate': "setImmediate(() => fail('it'))",
  'an emitter': "setImmediate(() => new EventEmitter().emit('error', new Error('it')))",
  'a callback of fs': "require('fs').stat('.', () => fail('it'))",
  'a promise': "void Promise.reject(new Error('it'))",
  'an async function': "void setImmediate(async () => (await null, fail('it')))",
  'a frozen error': "setImmediate(() => { throw Object.freeze(new Error('it')); })",
  text: "setImmediate(() => { throw 'it'; })",
  'a rejection with text': "void Promise.reject('it')",
};

describe('fromException in a handler of errors that nobody caught', () => {
  for (const [what, start] of Object.entries(failures)) {
    it(`answers with the context in which the error happened, in each of them, and not afterwards: ${what}`, async () => {
      const lines = await linesOf(
        program(`
          handle((error) => log('first', error.message ?? error, idOf(error), other.fromException(error)));
          handle(async (error) => {
            log('second', idOf(error));
            other.run(() => job.run({ id: 'nested' }, () => other.fromException(error)));
            await null;
            log('awaited', idOf(error));
            setImmediate(() => log('later', idOf(error)));
          });
          inJob(1, () => ${start});`),
      );
      assert.deepStrictEqual(lines, ['first it 1 undefined', 'second 1', 'awaited undefined', 'later undefined']);
    });
  }

  it('answers for the exception that is handled alone, with what was active before the handler entered something', async () => {
    const lines = await linesOf(
      program(`
        const known = new Error('known');
        try { inJob('old', () => { throw known; }); } catch {}
        handle((error) => {
          job.createContext({ id: 'entered' }).enter();
          inJob('inside', () => log(idOf(error), idOf(new Error('other')), idOf(known), idOf('text'), idOf(undefined)));
        });
        inJob(1, () => setImmediate(() => fail('it')));`),
    );
    assert.deepStrictEqual(lines, ['1 undefined old undefined undefined']);
  });

  it('answers with where the error came out of run, and outside of contexts with nothing', async () => {
    const lines = await linesOf(
      program(`
        handle((error) => log(error.message, idOf(error)));
        inJob(1, () => setImmediate(() => inJob(2, () => fail('inner'))));
        inJob(1, () => setImmediate(() => void inJob(3, async () => fail('async'))));
        setImmediate(() => fail('outside'));`),
    );
    assert.deepStrictEqual(lines.sort(), ['async 3', 'inner 2', 'outside undefined']);
  });

  it('goes on after a domain has handled an error, and answers nothing to emitters and scripts', async () => {
    const lines = await linesOf(
      program(`
        const unknown = new Error('unknown');
        inJob('script', () => {
          log(idOf(unknown));
          new EventEmitter().on('event', () => log(idOf(unknown))).emit('event');
          process.once('custom', () => log(idOf(unknown)));
          process.emit('custom');
          Promise.resolve().then(() => log(idOf(unknown)));
          process.nextTick(() => log(idOf(unknown)));
        });
        const domain = require('domain').create().on('error', ({ message }) => {
          log(message);
          handle((error) => log(error.message, idOf(error)));
          inJob(1, () => setTimeout(() => fail('after'), 1));
          inJob(2, () => setTimeout(async () => fail('async'), 5));
        });
        domain.run(() => setTimeout(() => fail('domain'), 10));`),
    );
    assert.deepStrictEqual(lines, [...Array(5).fill('undefined'), 'domain', 'after 1', 'async 2']);
  });

  it('works in a worker, and where an uncaught rejection ends up as an exception', async () => {
    const lines = await linesOf(
      program(`
        const { Worker, isMainThread } = require('worker_threads');
        process.on('uncaughtException', (error, origin) => log(error.message, origin, idOf(error)));
        inJob(1, () => setImmediate(() => void Promise.reject(new Error('main'))));
        new Worker(\`
          const job = require('context').createNamespace('job');
          process.on('uncaughtException', (error) => console.log('worker', job.fromException(error).get('id')));
          job.run({ id: 2 }, () => setImmediate(() => { throw new Error('it'); }));
        \`, { eval: true });`),
    );
    assert.deepStrictEqual(lines, ['main unhandledRejection 1', 'worker 2']);
  });
});
