'use strict';

module.exports = {
  client: 'bluebird',

  start({ load }) {
    const Bluebird = load('bluebird');
    const Tracked = Bluebird.getNewLibraryCopy();
    Tracked.config({ asyncHooks: true });

    const rows = [
      {
        api: 'await',
        ask: async ({ look }) => {
          await Bluebird.resolve();
          look();
        },
      },
      {
        api: 'then, callback',
        by: 'bind',
        ask: ({ look, bind }) => Bluebird.resolve().then(bind(() => look())),
      },
      {
        api: 'then, callback',
        by: 'config({ asyncHooks: true })',
        ask: ({ look, isRepaired }) => {
          const promise = (isRepaired ? Tracked : Bluebird).resolve();
          return promise.then(() => look()).then(() => look());
        },
      },
      {
        api: 'map, callback',
        by: 'bind',
        ask: ({ look, bind }) => {
          const task = bind(async () => look());
          return Bluebird.map([1, 2, 3], task, { concurrency: 2 });
        },
      },
      {
        api: 'map, callback',
        by: 'config({ asyncHooks: true })',
        ask: ({ look, isRepaired }) => (isRepaired ? Tracked : Bluebird).map([1, 2, 3], async () => look(), { concurrency: 2 }),
      },
      {
        api: 'asCallback, callback',
        by: 'bind',
        ask({ look, bind }, done) {
          Bluebird.resolve().asCallback(
            bind((error) => {
              look();
              done(error);
            }),
          );
        },
      },
      {
        api: 'coroutine, what it calls',
        by: 'bind',
        ask: ({ look, bind }) => {
          const step = bind(look);
          const steps = Bluebird.coroutine(function* () {
            yield Bluebird.resolve();
            step();
            yield Bluebird.resolve();
            step();
          });
          return steps();
        },
      },
    ];
    return { rows };
  },
};
