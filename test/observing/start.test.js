'use strict';

const assert = require('node:assert');

const profiler = require('context/profiler');
const usage = require('context/usage');
const watchdog = require('context/watchdog');

const [TYPE, VALUE, RANGE] = ['ERR_INVALID_ARG_TYPE', 'ERR_INVALID_ARG_VALUE', 'ERR_OUT_OF_RANGE'];
const DISPOSE = Symbol.dispose ?? Symbol.for('nodejs.dispose');
const ASYNC_DISPOSE = Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose');

const manyKeys = (length) => Array.from({ length }, (_, key) => key);

/** Rows of numbers that an option refuses. */
const outOf = (name, numbers, message) => numbers.map((number) => [{ [name]: number }, RANGE, message]);

/** Options that all observers refuse, the code of the error and, in some rows, what its message says. */
const WRONG_FOR_ALL = [
  [null, TYPE, /options must be an object/],
  ['text', TYPE, /options must be an object/],
  [{ namespaces: 'request' }, TYPE, /namespaces must be an array/],
  [{ namespaces: [{}] }, TYPE, /namespaces must be an array/],
  [{ namespaces: ['nobody has this name'] }, VALUE, /there is no such namespace/],
];

const keys = ['route'];
const WRONG_FOR_PROFILES = [
  [undefined, TYPE, /must be an (array of keys|object)/],
  [{ keys: 'route' }, TYPE, /keys must be an array of keys.* but it is 'route'/],
  [{ keys: [{}] }, TYPE, /key must be a string, a symbol or a number/],
  [{ keys: manyKeys(33) }, RANGE, /keys must have at most 32 elements, but has 33/],
  [{ keys, interval: '1' }, TYPE, /interval must be a number of milliseconds/],
  ...outOf('interval', [0, -1, NaN, Infinity], /interval must be from 0.1 to 1000 milliseconds, but it is/),
];

/** Of each way to start an observer: options that work, its code, the method of `using`, and the options that it alone refuses. */
const STARTS = {
  'usage.start': {
    start: usage.start,
    works: {},
    code: 'ERR_CONTEXT_USAGE_RUNNING',
    dispose: DISPOSE,
    wrong: [
      [{ keys: 'tenant' }, TYPE],
      [{ keys: [{}] }, TYPE],
      [{ keys: [undefined] }, TYPE],
      [{ keys: manyKeys(17) }, RANGE],
      [{ maxRows: '10' }, TYPE],
      [{ maxRows: null }, TYPE],
      ...outOf('maxRows', [0, -1, 1.5, NaN, Infinity, 1e9]),
      [{ every: '100' }, TYPE],
      ...outOf('every', [0, 99, NaN, Infinity]),
    ],
  },
  'watchdog.start': {
    start: watchdog.start,
    works: {},
    code: 'ERR_CONTEXT_WATCHDOG_RUNNING',
    dispose: DISPOSE,
    wrong: [
      [{ threshold: '1000' }, TYPE],
      [{ threshold: null }, TYPE],
      ...outOf('threshold', [-1, 0, 9, NaN, Infinity, 86_400_001]),
      ...outOf('every', [-1, 0, 9, NaN, Infinity, 86_400_001]),
      [{ stack: 1 }, TYPE],
      [{ destination: null }, TYPE],
      [{ destination: '' }, TYPE],
      [{ destination: {} }, TYPE],
      ...outOf('destination', [-1, 1.5, NaN, 2 ** 31]),
    ],
  },
  'profiler.start': {
    start: profiler.start,
    works: { keys },
    code: 'ERR_CONTEXT_PROFILER_RUNNING',
    dispose: ASYNC_DISPOSE,
    wrong: WRONG_FOR_PROFILES,
  },
  'profiler.continuous': {
    start: (options, onProfile = () => {}) => profiler.continuous(options, onProfile),
    works: { keys },
    code: 'ERR_CONTEXT_PROFILER_RUNNING',
    dispose: DISPOSE,
    wrong: [
      ...WRONG_FOR_PROFILES,
      [{ keys, every: '1m' }, TYPE, /every must be a number of milliseconds/],
      ...outOf('every', [10, NaN], /every must be from 1000 to 86400000 milliseconds/),
    ],
  },
};

for (const [name, { start, works, code, dispose, wrong }] of Object.entries(STARTS)) {
  // Those that return a promise reject.
  const refuses = (options, expected, what) => assert.rejects(async () => start(options), expected, what);

  describe(name, () => {
    it('refuses wrong options, and starts nothing then', async () => {
      for (const [options, error, message = /./] of [...WRONG_FOR_ALL, ...wrong]) {
        const given = options === null || typeof options !== 'object' ? options : { ...works, ...options };
        await refuses(given, { code: error, message }, JSON.stringify(options));
      }
      await (await start(works)).stop();
    });

    it('observes once in a thread: a second start is an error that changes nothing, and so is the stop of an old one', async () => {
      const first = await start(works);
      await refuses(works, { code });
      await first.stop();
      await first.stop();
      const next = await start(works);
      await first.stop();
      await refuses(works, { code });
      await next[dispose]();
      await (await start(works)).stop();
    });
  });
}

describe('profiler.continuous', () => {
  it('refuses what is no function', () => {
    assert.throws(() => profiler.continuous({ keys }), { code: TYPE, message: /onProfile must be a function/ });
  });
});
