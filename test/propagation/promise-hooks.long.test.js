'use strict';

const assert = require('node:assert');

const { engine } = require('context');

const { runNode } = require('../support/child');
const { buildNativeScopes } = require('../support/native-scopes');
const { hasOwnPromiseHooks } = require('../support/own-promise-hooks');
const { STEPS, steps } = require('../support/steps');
const { assertOneCame, assertOneComes, assertOneWasThere, moments, others } = require('./support/others');

if (engine === 'async-hooks') {
  describe('somebody who has promises tracked, whoever it is, at any moment', () => {
    for (const who of Object.keys(others)) {
      for (const when of Object.keys(moments)) it(`${who}, ${when}`, () => assertOneComes(who, when));
      it(`${who}, for a moment, in the turn of the first entry`, () => assertOneCame(who));
      it(`${who}, before the first entry`, () => assertOneWasThere(who));
    }
  });

  describe('the handlers of a rejection', () => {
    it('are in the context of the promise in each mode of --unhandled-rejections', async () => {
      const program = `${STEPS}
        for (const event of ['unhandledRejection', 'uncaughtException', 'uncaughtExceptionMonitor']) {
          process.on(event, (error) => log(event + ' ' + error.message));
        }
        for (const name of ['a', 'b']) named(name).run(async () => { await null; throw new Error(name); });
        setImmediate(() => log('later'));`;
      for (const mode of ['throw', 'strict', 'warn', 'none', 'warn-with-error-code']) {
        const { stdout, stderr } = await runNode([`--unhandled-rejections=${mode}`, '-e', program]);
        const lines = stdout.trimEnd().split('\n');
        assert.strictEqual(lines.pop(), 'later default', stderr);
        assert.ok(lines.length >= 2, stdout);
        for (const line of lines) assert.match(line, /^\w+ (a a|b b)$/, `${mode}: ${stdout}`);
      }
    });
  });

  describe('native code in a reaction', () => {
    let setUp;

    before(function () {
      this.timeout(120_000);
      setUp = `const { call, report } = require(${JSON.stringify(buildNativeScopes())});
        process.on('uncaughtException', (error) => log('handler of ' + error.message));
        const scope = named('b').run(() => new AsyncResource('scope'));
        setImmediate(() => setImmediate(() => log('later')));`;
    });

    it('that has no async id, but a resource, has the context of that', () =>
      steps([
        ...['native default', 'native, entered b', 'reaction of native b', 'nested default', 'same receiver b'],
        ...['around a', 'awaited a', 'later default'],
      ])`${setUp}
        named('a').run(async () => {
          await null;
          const receiver = {};
          call(receiver, () => {
            log('native');
            named('b').enter();
            log('native, entered');
            Promise.resolve().then(() => log('reaction of native'));
            call({}, () => log('nested'));
            call(receiver, () => log('same receiver'));
          });
          log('around');
          await null;
          log('awaited');
        });
      `);

    it('may report an exception, which is handled in the context of the reaction', () =>
      steps(`handler of reaction a | reaction ${hasOwnPromiseHooks ? 'a' : 'default'} | later default`)`${setUp}
        named('a').run(async () => {
          await null;
          report(new Error('reaction'));
          Promise.resolve().then(() => log('reaction'));
        });
      `);

    it('may report one in a scope, the rest of which gets no other context', () =>
      steps([
        ...['after default', 'awaited default', 'handler of scope b', 'later default'],
        ...['reaction of the scope default', 'rest of the scope default', 'scope b'],
      ])`${setUp}
        named('a').run(async () => {
          await null;
          scope.runInAsyncScope(() => {
            log('scope');
            report(new Error('scope'));
            log('rest of the scope');
            Promise.resolve().then(() => log('reaction of the scope'));
          });
          await null;
          log('awaited');
        }).then(() => log('after'));
      `);

    it('may report one in a scope without an async id', () =>
      steps([
        ...['awaited default', 'handler of native default', 'later default', 'native default'],
        ...['rest of native default'],
      ])`${setUp}
        named('a').run(async () => {
          await null;
          call({}, () => {
            log('native');
            report(new Error('native'));
            log('rest of native');
          });
          await null;
          log('awaited');
        });
      `);
  });
}
