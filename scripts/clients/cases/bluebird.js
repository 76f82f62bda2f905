'use strict';

module.exports = {
  client: 'bluebird',

  start({ load }) {
    const Bluebird = load('bluebird');
    const Tracked = Bluebird.getNewLibraryCopy();
    Tracked.config({ asyncHooks: true });

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
        ask: ({ look, bind }) => Bluebird.resolve().then(bind(() => look())),
      },
      {
        kind: 'callback',
        api: 'then, callback',
        by: 'config({ asyncHooks: true })',
        ask: ({ look, isRepaired }) => {
          //#region then, callback: config({ asyncHooks: true })
          const promise = (isRepaired ? Tracked : Bluebird).resolve();
          return promise.then(() => look()).then(() => look());
          //#endregion
        },
      },
      {
        kind: 'callback',
        api: 'map, callback',
        by: 'bind',
        ask: ({ look, bind }) => {
          //#region map, callback: bind
          const task = bind(async () => look());
          return Bluebird.map([1, 2, 3], task, { concurrency: 2 });
          //#endregion
        },
      },
      {
        kind: 'callback',
        api: 'map, callback',
        by: 'config({ asyncHooks: true })',
        ask: ({ look, isRepaired }) => (isRepaired ? Tracked : Bluebird).map([1, 2, 3], async () => look(), { concurrency: 2 }),
      },
      {
        kind: 'callback',
        api: 'asCallback, callback',
        by: 'bind',
        ask({ look, bind }, done) {
          //#region asCallback, callback: bind
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
          //#region coroutine, what it calls: bind
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
