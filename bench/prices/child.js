'use strict';

/**
 * One case of one measure of prices.js, in a process of its own: `child.js <subject> <measure> <case>`. Serves HTTP, and answers each
 * message with its CPU time; or runs operations for each message, and answers with the nanoseconds per operation.
 */

const { AsyncLocalStorage } = require('node:async_hooks');
const { randomUUID } = require('node:crypto');
const http = require('node:http');
const inspector = require('node:inspector');

const { listen } = require('../measures/serving');

const AWAITS = 10;
const OPERATIONS = 50_000;

async function asyncFunction() {}

async function awaitTen() {
  for (let index = 0; index < AWAITS; index++) await asyncFunction();
}

/** Gets or creates a namespace: a case and a measure may share one. */
function make(name) {
  const { createNamespace, getNamespace } = require('context');
  return getNamespace(name) ?? createNamespace(name);
}

const track = () => require('../../lib/engine/tracker').observe();
const watch = () => require('context/watchdog').start({ threshold: 60_000 });
const off = () => {};

/** V8's profiler alone, with an interval in milliseconds. */
const sample = (interval) => () => {
  const session = new inspector.Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: interval * 1000 });
  session.post('Profiler.start');
};

const profile = (interval) => () =>
  void require('context/profiler').continuous({ every: 60_000, interval, keys: ['route'] }, () => {});

/** Handles requests with a middleware. The handler looks the id up with `idNow`. */
const lookUp =
  ({ wrap = (request, response, next) => next(), idNow = () => '' }) =>
  (request, response) =>
    wrap(request, response, async () => {
      await awaitTen();
      const ids = [idNow(), idNow(), idNow()];
      if (ids.some((id) => id === undefined)) throw new Error('the context was lost');
      response.end('ok');
    });

/** Handles requests in a context with their route. */
const inContext = (handle) => {
  const namespace = make('price');
  return (request, response) =>
    namespace.run(() => {
      namespace.set('route', request.url);
      return handle(response);
    });
};

/** Repeats operations in a context. */
const repeat = (operation) => {
  const context = make('price').createContext();
  return () => context.run(() => operation(context));
};

const contexts = ({ namespace }) => {
  const unit = () => namespace.set('id', 'request-12345');
  for (let index = 0; index < OPERATIONS; index++) namespace.run(unit);
};

const sets = (context) => {
  for (let index = 0; index < OPERATIONS; index++) context.set('id', 'request-12345');
};

const awaits = async () => {
  for (let index = 0; index < OPERATIONS; index++) await null;
};

/**
 * By subject: `cases`, the cheapest one first, which may return options for the measure; and `measures`, which create a listener for
 * requests, of the kind `load` (see prices.js), or operations to time.
 */
const prices = {
  requests: {
    cases: {
      nothing: () => ({}),
      'an id alone': () => ({ wrap: (request, response, next) => next((request.id = randomUUID())) }),
      'AsyncLocalStorage in a middleware': () => {
        const storage = new AsyncLocalStorage();
        const wrap = (request, response, next) => storage.run(new Map([['id', randomUUID()]]), next);
        return { wrap, idNow: () => storage.getStore().get('id') };
      },
      'cls-rtracer': () => {
        const rtracer = require('cls-rtracer');
        return { wrap: rtracer.expressMiddleware(), idNow: () => rtracer.id() };
      },
      middleware: () => {
        const namespace = make('requests');
        return { wrap: require('context/http').middleware(namespace), idNow: () => namespace.get('id') };
      },
      instrument: () => {
        const namespace = make('requests');
        require('context/http').instrument(namespace);
        return { idNow: () => namespace.get('id') };
      },
    },
    measures: {
      'a request, µs': { load: 'autocannon', make: lookUp },
      'a request on a connection that is kept alive, µs': { load: 'agent', make: lookUp },
    },
  },

  usage: {
    cases: { off, tracked: track, on: () => require('context/usage').start({ keys: ['route'] }) },
    measures: {
      'a bare request, µs': { load: 'autocannon', make: () => inContext((response) => response.end('ok')) },
      'a request with ten awaits, µs': {
        load: 'autocannon',
        make: () => inContext((response) => awaitTen().then(() => response.end('ok'))),
      },
      'an `await`, ns': { make: () => ({ operations: repeat(awaits) }) },
    },
  },

  watchdog: {
    cases: {
      'nothing exposed, not watched': off,
      'one key exposed, not watched': () => make('price').expose('id'),
      'nothing exposed, watched': watch,
      'one key exposed, watched': () => watch(make('price').expose('id')),
    },
    measures: {
      'a context with one value, ns': { make: () => ({ operations: repeat(contexts) }) },
      '`set`, ns': { make: () => ({ operations: repeat(sets) }) },
      'an `await`, ns': { make: () => ({ operations: repeat(awaits) }) },
    },
  },

  profiler: {
    cases: {
      off,
      'who runs alone': track,
      "V8's sampler alone, every 10 ms": sample(10),
      'the profiler, every 10 ms': profile(10),
      "V8's sampler alone, every 1 ms": sample(1),
      'the profiler, every 1 ms': profile(1),
    },
    measures: {
      'a request with ten awaits, µs': {
        load: 'autocannon',
        make: () => {
          const requests = make('requests');
          require('context/http').instrument(requests, { init: (context, { url }) => context.set('route', url) });
          return (request, response) => awaitTen().then(() => response.end(requests.get('route')));
        },
      },
    },
  },
};

async function main([subject, measure, name]) {
  const on = prices[subject].cases[name]();
  const made = prices[subject].measures[measure].make(on);
  if (typeof made === 'function') {
    process.send(await listen(http.createServer(made)));
    return;
  }
  process.on('disconnect', () => process.exit());
  process.on('message', async () => {
    const begin = process.hrtime.bigint();
    await made.operations();
    process.send({ time: Number(process.hrtime.bigint() - begin) / OPERATIONS });
  });
  process.send({ port: undefined });
}

if (require.main === module) main(process.argv.slice(2));

module.exports = { prices };
