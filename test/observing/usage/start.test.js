'use strict';

const assert = require('node:assert');
const { channel } = require('node:diagnostics_channel');
const { once } = require('node:events');
const { setImmediate: nextTurn } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');

const { createNamespace } = require('context');
const { start } = require('context/usage');
const { watchCollection } = require('../../support/collected');
const { itRuns } = require('../programs');
const { HEAD, counting } = require('./counting');
const { work } = require('./work');

const namespace = createNamespace('usage start');

describe('usage.start', () => {
  it('publishes on a channel from time to time, and at the end', async () => {
    const published = [];
    const onUsage = ({ usage }) => published.push([usage, usage.by('key').length]);
    channel('context.usage').subscribe(onUsage);
    const usage = start({ keys: ['key'], every: 100 });
    const timer = setInterval(() => {}, 1000);
    while (published.length < 2) await nextTurn();
    clearInterval(timer);
    const before = published.length;
    usage.stop();
    usage.stop();
    channel('context.usage').unsubscribe(onUsage);
    const expected = Array.from({ length: before + 1 }, () => [usage, 3]);
    assert.deepStrictEqual(published, expected);
  });

  it('keeps no context alive, nor what leads to one', async () => {
    const { watch, collected } = watchCollection();
    await counting({ keys: ['value'] }, async (usage) => {
      const request = async (n) => {
        watch(namespace.set('value', { n }));
        watch(namespace.active);
        await nextTurn();
      };
      await Promise.all(Array.from({ length: 3000 }, (_, n) => namespace.run(request, n)));
      await collected(6000);
      const { callbacks } = usage.by('value').find(({ row }) => row === '[object]');
      assert.ok(callbacks >= 6000, String(callbacks));
    });
  });

  it('keeps nothing when it was stopped in the middle of a context', async () => {
    const { watch, collected } = watchCollection();
    await new Promise((resolve) => {
      namespace.run(() => {
        watch(namespace.active);
        setImmediate(() => {
          const usage = start();
          work(1);
          usage.stop();
          resolve();
        });
      });
    });
    await collected(1);
  });

  it('counts a loop of microtasks', () =>
    counting({ keys: ['id'] }, async (usage) => {
      await namespace.createContext({ id: 'loop' }).run(async () => {
        for (let n = 0; n < 5000; n++) await null;
      });
      const { loopTime, callbacks } = usage.by('id')[0];
      assert.ok(callbacks >= 5000 && loopTime > 0, `${callbacks} in ${loopTime}`);
    }));

  it('counts each thread by itself', () =>
    counting({ keys: ['id'] }, async (usage) => {
      const program = `
        ${HEAD}
        const { parentPort, workerData } = require('node:worker_threads');
        const usage = start({ keys: ['id'] });
        runWith('id', 'a', () => setImmediate(() => {
          work(workerData);
          setImmediate(() => { parentPort.postMessage({ rows: usage.by('id'), wallTime: usage.wallTime }); });
        }));
      `;
      const answersOf = (ms) => once(new Worker(program, { eval: true, workerData: ms }), 'message');
      const answers = await Promise.all([5, 20].map(answersOf));
      for (const [index, [{ rows, wallTime }]] of answers.entries()) {
        assert.ok(rows[0].row === 'a' && rows[0].longest >= [4.99, 19.99][index], JSON.stringify(rows));
        assert.ok(rows[0].loopTime <= wallTime && rows.find(({ row }) => row === 'idle').loopTime >= 0);
      }
      assert.ok(usage.by('id').every(({ kind }) => kind !== 'value'));
    }));

  const programs = {
    'goes on after an error that nobody catches, in a callback and in a microtask': `
      const usage = start({ keys: ['id'] });
      let errors = 0;
      process.on('uncaughtException', (error) => {
        if (error instanceof assert.AssertionError) { console.error(error); process.exit(2); }
        errors++;
        work(1);
      });
      const fail = () => { work(5); throw new Error('expected'); };
      runWith('id', 'callback', () => setTimeout(fail, 1));
      runWith('id', 'nested', () => setTimeout(() => namespace.run(fail), 2));
      runWith('id', 'microtask', () => queueMicrotask(fail));
      runWith('id', 'rejected', async () => { await null; fail(); }).catch(() => {});
      setTimeout(function assertRows() {
        if (errors < 3) return setTimeout(assertRows, 5);
        work(10);
        setTimeout(() => {
          usage.stop();
          for (const id of ['callback', 'nested', 'microtask', 'rejected']) {
            const { loopTime } = rowOf(usage, 'id', id);
            assert.ok(loopTime >= 4.99 - lost(usage) && loopTime <= usage.wallTime - 25, id + ' ' + loopTime);
          }
          assert.ok(rowOf(usage, 'id', 'no context').loopTime >= 9.99);
          console.log('done');
        }, 5);
      }, 50);
    `,
    'keeps no process alive': "start({ every: 1000 }); console.log('done');",
  };
  itRuns(programs, { head: HEAD });

  const clock = {
    'reads the real clock though a library for tests has replaced it before': `
      const now = performance.now.bind(performance);
      process.hrtime = Object.assign(() => [0, 0], { bigint: () => 0n });
      const usage = require('context/usage').start();
      for (const end = now() + 20; now() < end; );
      if (usage.wallTime >= 20) console.log('done');
    `,
  };
  itRuns(clock, { head: "require('context'); const { performance } = require('node:perf_hooks');" });
});
