'use strict';

module.exports = {
  client: 'bluebird',

  start({ load }) {
    const Bluebird = load('bluebird');
    // The setting is for all promises of a copy, so that what is repaired by it has a copy of its own.
    //#region then, callback, by config({ asyncHooks: true }); map, callback, by config({ asyncHooks: true })
    const Tracked = Bluebird.getNewLibraryCopy();
    Tracked.config({ asyncHooks: true });
    //#endregion

    /** A repair for the whole program. */
    const configure = (isRepaired) => (isRepaired ? Tracked : Bluebird);

    const rows = [
      {
        kind: 'promise',
        api: 'await',
        ask: async ({ look }) => {
          await Bluebird.resolve();
          look();
        },
      },
      {
        kind: 'callback',
        api: 'then, callback',
        by: 'bind',
        ask: ({ look, bind }) => {
          //#region then, callback, by bind
          return Bluebird.resolve().then(bind(() => look()));
          //#endregion
        },
      },
      {
        kind: 'callback',
        api: 'then, callback',
        by: 'config({ asyncHooks: true })',
        ask: ({ look, isRepaired }) => {
          const promise = configure(isRepaired).resolve();
          return promise.then(() => look()).then(() => look());
        },
      },
      {
        kind: 'callback',
        api: 'map, callback',
        by: 'bind',
        ask: ({ look, bind }) => {
          //#region map, callback, by bind
          const task = bind(async () => look());
          return Bluebird.map([1, 2, 3], task, { concurrency: 2 });
          //#endregion
        },
      },
      {
        kind: 'callback',
        api: 'map, callback',
        by: 'config({ asyncHooks: true })',
        ask: ({ look, isRepaired }) => configure(isRepaired).map([1, 2, 3], async () => look(), { concurrency: 2 }),
      },
      {
        kind: 'callback',
        api: 'asCallback, callback',
        by: 'bind',
        ask({ look, bind }, done) {
          //#region asCallback, callback, by bind
          Bluebird.resolve().asCallback(
            bind((error) => {
              look();
              done(error);
            }),
          );
          //#endregion
        },
      },
      {
        kind: 'callback',
        api: 'coroutine, what it calls',
        by: 'bind',
        ask: ({ look, bind }) => {
          //#region coroutine, what it calls, by bind
          const step = bind(look);
          const steps = Bluebird.coroutine(function* () {
            yield Bluebird.resolve();
            step();
            yield Bluebird.resolve();
            step();
          });
          return steps();
          //#endregion
        },
      },
    ];
    return { rows };
  },
};
