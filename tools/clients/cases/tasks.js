'use strict';

const { setTimeout: delay } = require('node:timers/promises');

const { callback, events, promise } = require('../rows');

const limit = {
  setUp: ({ load }) => ({ limit: load('p-limit').default(4) }),

  rows: [
    promise('promise', ({ limit: limited, lookAfter }) => lookAfter(limited(() => delay(1)))),
    callback('task', ({ limit: limited, work }) => limited(work)),
    callback('limit.map, task', ({ limit: limited, work }) => limited.map([1, 2], () => work())),
  ],
};

const queues = {
  setUp: ({ load }) => ({ queue: new (load('p-queue').default)({ concurrency: 4 }) }),

  rows: [
    promise('add, promise', ({ queue, lookAfter }) => lookAfter(queue.add(() => delay(1)))),
    callback('add, task', 'bind', ({ queue, work, bind }) => queue.add(bind(work))),
    promise('onIdle, promise', ({ queue, lookAfter }) => {
      queue.add(() => delay(1));
      return lookAfter(queue.onIdle());
    }),
    events('completed, event', 'bind', ({ id, queue, bind }, { finish }) => {
      const onCompleted = bind((result) => {
        if (result !== id) return;
        queue.off('completed', onCompleted);
        finish();
      });
      queue.on('completed', onCompleted);
      queue.add(() => delay(1, id));
    }),
  ],
};

const pools = {
  setUp({ load }) {
    const factory = { create: () => delay(1, {}), destroy: async () => {} };
    const pool = load('generic-pool').createPool(factory, { max: 4 });
    return { pool, stop: () => pool.drain().then(() => pool.clear()) };
  },

  rows: [
    promise('acquire, promise', async ({ pool, lookAfter }) => {
      const resource = await lookAfter(pool.acquire());
      await delay(1);
      await lookAfter(pool.release(resource));
    }),
    callback('use, task', ({ pool, work }) => pool.use(work)),
  ],
};

/** A batch for several requests: each key has the snapshot of its own. */
async function batch(keys) {
  for (const { look, run } of keys) run(look);
  await delay(1);
  for (const { look, run } of keys) run(look);
  return keys.map(({ key }) => key);
}

/** A key of a request that does not look. */
const QUIET = { look() {}, run() {} };

function loadWithSnapshot({ shared, look, snapshot }, key) {
  return shared.load({ key, look, run: snapshot() });
}

const SNAPSHOT = { by: 'snapshot', code: [batch, loadWithSnapshot] };

const loaderOf = (load, options) => new (load('dataloader'))(batch, { cache: false, ...options });

const loaders = {
  setUp: ({ load }) => ({ newLoader: () => loaderOf(load), shared: loaderOf(load, { maxBatchSize: 25 }) }),

  rows: [
    promise('load, promise', ({ shared, lookAfter }) => lookAfter(shared.load(QUIET))),
    callback('batch function, a loader for each request', ({ newLoader, look, snapshot }) => {
      const key = { look, run: snapshot() };
      return newLoader().loadMany([key, { ...key }]);
    }),
    callback('batch function, a loader for all requests', SNAPSHOT, (request) => loadWithSnapshot(request, 1)),
  ],
};

/** What resolves the fields of a user. `ids` loads the names. */
const user = (id, ids, look) => ({
  name: async () => {
    look();
    const found = await ids(id);
    look();
    return `user ${found}`;
  },
  friends: async () => {
    await delay(1);
    look();
    return [id + 1, id + 2].map((friend) => user(friend, ids, look));
  },
});

const graphs = {
  beside: 'dataloader',

  setUp({ load }) {
    const { buildSchema, graphql } = load('graphql');
    const schema = buildSchema('type Query { user(id: Int): User } type User { name: String, friends: [User] }');
    const answer = async (ids, look = () => {}) => {
      const rootValue = { user: ({ id }) => user(id, ids, look) };
      const { errors } = await graphql({ schema, source: '{ user(id: 1) { name friends { name } } }', rootValue });
      if (errors) throw errors[0];
    };
    return { answer, ...loaders.setUp({ load }) };
  },

  rows: [
    promise('resolvers and promise', ({ shared, answer, look, lookAfter }) =>
      lookAfter(answer((key) => shared.load({ key, ...QUIET }), look)),
    ),
    callback('batch function, a loader for each request', ({ newLoader, answer, look, snapshot }) => {
      const [loader, run] = [newLoader(), snapshot()];
      return answer((key) => loader.load({ key, look, run }));
    }),
    callback('batch function, a loader for all requests', SNAPSHOT, (request) =>
      request.answer((key) => loadWithSnapshot(request, key)),
    ),
  ],
};

const rxjs = {
  setUp({ load }) {
    const library = load('rxjs');
    const { BehaviorSubject, Subject, defer, share, timer } = library;
    const ticks = defer(() => timer(5)).pipe(share());
    /** Has a subject send a value to all that wait for it, soon. */
    const sendSoon = (target, value) => setImmediate(() => target.next(value));
    return { ...library, subject: new Subject(), state: new BehaviorSubject(undefined), ticks, sendSoon };
  },

  rows: [
    events('a pipe of its own', ({ of, delay: wait, mergeMap, from, look }, { done, finish }) => {
      const values = of(1, 2, 3).pipe(
        wait(1),
        mergeMap((value) => from(Promise.resolve(value))),
      );
      values.subscribe({ next: look, error: done, complete: () => finish() });
    }),
    promise('firstValueFrom a shared Subject, promise', ({ id, subject, sendSoon, filter, firstValueFrom, lookAfter }) => {
      sendSoon(subject, id);
      return lookAfter(firstValueFrom(subject.pipe(filter((value) => value === id))));
    }),
    events('a shared Subject, subscriber', 'bind', ({ subject, sendSoon, take, bind }, { finish }) => {
      // All that wait receive the first value: one request causes it, the others hear of it.
      const onValue = bind(() => finish());
      subject.pipe(take(1)).subscribe(onValue);
      sendSoon(subject, 'changed');
    }),
    events('a shared BehaviorSubject, subscriber', 'bind', ({ state, sendSoon, take, look, bind }, { done }) => {
      const onValue = bind(() => look());
      state.pipe(take(2)).subscribe({ next: onValue, complete: done });
      sendSoon(state, 'changed');
    }),
    events('share() of a timer, subscriber', 'bind', ({ ticks, bind }, { finish }) => {
      const onTick = bind(() => finish());
      ticks.subscribe(onTick);
    }),
  ],
};

/** The setting is for all promises of a copy: what it repairs has a copy of its own. */
function trackedCopyOf(Bluebird) {
  const Tracked = Bluebird.getNewLibraryCopy();
  Tracked.config({ asyncHooks: true });
  return Tracked;
}

const CONFIG = { by: 'config({ asyncHooks: true })', code: [trackedCopyOf] };

const bluebird = {
  setUp({ load }) {
    const Bluebird = load('bluebird');
    const Tracked = trackedCopyOf(Bluebird);
    return { Bluebird, copyOf: (isRepaired) => (isRepaired ? Tracked : Bluebird) };
  },

  rows: [
    promise('await', ({ Bluebird, lookAfter }) => lookAfter(Bluebird.resolve())),
    callback('then, callback', 'bind', ({ Bluebird, look, bind }) => Bluebird.resolve().then(bind(() => look()))),
    callback('then, callback', CONFIG, ({ copyOf, isRepaired, look }) => {
      const resolved = copyOf(isRepaired).resolve();
      return resolved.then(() => look()).then(() => look());
    }),
    callback('map, callback', 'bind', ({ Bluebird, look, bind }) => {
      const task = bind(async () => look());
      return Bluebird.map([1, 2, 3], task, { concurrency: 2 });
    }),
    callback('map, callback', CONFIG, ({ copyOf, isRepaired, look }) =>
      copyOf(isRepaired).map([1, 2, 3], async () => look(), { concurrency: 2 }),
    ),
    callback('asCallback, callback', 'bind', ({ Bluebird, bind }, { finish }) => Bluebird.resolve().asCallback(bind(finish))),
    callback('coroutine, what it calls', 'bind', ({ Bluebird, look, bind }) => {
      const step = bind(look);
      const steps = Bluebird.coroutine(function* () {
        yield Bluebird.resolve();
        step();
        yield Bluebird.resolve();
        step();
      });
      return steps();
    }),
  ],
};

function performTask({ look, run }, done) {
  run(look);
  setTimeout(done, 1);
}

function performCargo(tasks, done) {
  for (const { look, run } of tasks) run(look);
  setTimeout(done, 1);
}

const pushWithSnapshot = ({ look, snapshot }, queue, done) => queue.push({ look, run: snapshot() }, done);

const async = {
  setUp({ load }) {
    const library = load('async');
    const remember = library.memoize((key, done) => setTimeout(done, 5, null, key));
    return {
      mapLimit: library.mapLimit,
      queue: library.queue(performTask, 4),
      cargo: library.cargo(performCargo, 10),
      remember,
    };
  },

  rows: [
    promise('queue.push, promise', ({ queue, lookAfter }) => lookAfter(queue.pushAsync(QUIET))),
    callback('queue.push, callback', 'bind', ({ queue, bind }, { finish }) => queue.push(QUIET, bind(finish))),
    callback('queue, task', { by: 'snapshot', code: [performTask, pushWithSnapshot] }, (request, { done }) =>
      pushWithSnapshot(request, request.queue, done),
    ),
    callback('cargo, task', { by: 'snapshot', code: [performCargo, pushWithSnapshot] }, (request, { done }) =>
      pushWithSnapshot(request, request.cargo, done),
    ),
    callback('memoize, callback', 'bind', ({ round, remember, bind }, { finish }) =>
      remember(`all requests ask for this in round ${round}`, bind(finish)),
    ),
    promise('mapLimit, task and promise', ({ mapLimit, look, lookAfter }) =>
      lookAfter(mapLimit([1, 2, 3], 2, async () => look())),
    ),
  ],
};

const cron = {
  setUp: ({ load }) => ({ schedule: (task = () => {}) => load('node-cron').schedule('* * * * * *', task) }),

  rows: [
    callback('schedule, task', ({ schedule }, { finish }) => {
      const task = schedule(() => {
        task.destroy();
        finish();
      });
    }),
    events('task, events', ({ schedule, look }, { finish }) => {
      const task = schedule();
      task.on('execution:started', look);
      task.on('execution:finished', () => {
        task.destroy();
        finish();
      });
    }),
  ],
};

module.exports = {
  ...{ 'p-limit': limit, 'p-queue': queues, 'generic-pool': pools, dataloader: loaders, graphql: graphs },
  ...{ rxjs, bluebird, async, 'node-cron': cron },
};
