'use strict';

/* eslint-disable no-unused-vars -- what these variables hold is the point */

/** Ways in which programs keep ended contexts: what holds one, and the line that must say so. */

const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks');
const EventEmitter = require('node:events');
const { once } = EventEmitter;
const net = require('node:net');
const { PassThrough } = require('node:stream');

const never = new Promise(() => {});
const als = new AsyncLocalStorage();
const bus = new EventEmitter();
const cache = new Map();
const inflight = new Map();
const seen = new Set();
const errors = [];
const closures = [];
const generators = [];
const streams = [];
const waiters = [];
const resources = [];
const keys = [];
const bounds = [];
const proxies = [];
const details = new WeakMap();
const shutdown = new AbortController();
const channel = new MessageChannel();
const registry = new FinalizationRegistry(() => {});
const registered = [];
const children = [];
const states = {};
const byId = {};
const opened = [];
const symbolic = { [Symbol('kept')]: [] };
let last;
let queue;

class Repository {
  static recent = [];
}

/** Has the name of a class of this package. */
class Page {
  constructor(opener) {
    this.opener = opener;
  }
}

class Session {
  #context;
  constructor(context) {
    this.#context = context;
  }
  get context() {
    return this.#context;
  }
}
const sessions = [];

class Pool extends EventEmitter {
  idle = [];
}
const pool = new Pool();

async function waitForever() {
  await never;
}

function* rows(context) {
  yield 1;
  yield context;
}

async function* pages(context) {
  yield 1;
  yield context;
}

/** A connection that stays open. */
async function connect() {
  const server = net.createServer().unref();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = net.connect(server.address().port, '127.0.0.1').unref();
  const [socket] = await once(server, 'connection');
  socket.unref();
  return { client, socket };
}

/** By name: `hold(context, namespace)` runs in the context, and `line` fits what is found. */
const shapes = {
  'a timer': {
    hold: () => setInterval(function refresh() {}, 1e8).unref(),
    line: /^active timers → Timeout of setInterval at \S*shapes\.js:\d+ → the context$/,
  },
  'a timeout': {
    hold: () => setTimeout(() => {}, 2e8).unref(),
    line: /^active timers → Timeout of setTimeout at \S*shapes\.js:\d+ → the context$/,
  },
  'a map': { hold: (context) => cache.set(context, { context }), line: /^variable cache \(\S*shapes\.js\) → Map / },
  'a map of promises': {
    hold: (context) =>
      inflight.set(
        {},
        never.then(() => 1),
      ),
    line: /^variable (inflight|never) \(\S*shapes\.js\)/,
  },
  'a pending await': { hold: () => void waitForever(), line: /^variable never \(\S*shapes\.js\) → Promise .*waitForever/ },
  'a race': { hold: () => void Promise.race([never, 1]), line: /^variable never \(\S*shapes\.js\) → Promise/ },
  'a kept error': {
    hold: (context) => errors.push(Object.assign(new Error('kept'), { context })),
    line: /^variable errors \(\S*shapes\.js\) → Array → Error → \.context the context/,
  },
  'a bound listener': {
    hold: (context) =>
      bus.on(
        'news',
        context.bind(function onNews() {}),
      ),
    line: /^variable bus \(\S*shapes\.js\) → EventEmitter → \.news Array → bound function onNews \(\S*shapes\.js:\d+\) → the context$/,
  },
  'a listener': {
    hold: (context) =>
      bus.on('other', function onOther() {
        return context;
      }),
    line: /^variable bus \(\S*shapes\.js\) → EventEmitter → \.other Array → function onOther \(\S*shapes\.js:\d+\) → \.context the context$/,
  },
  'a generator': {
    hold(context) {
      const each = rows(context);
      each.next();
      generators.push(each);
    },
    line: /^variable generators .* → call of rows \(\S*shapes\.js:\d+\) → the context/,
  },
  'an async generator': {
    hold(context) {
      const each = pages(context);
      void each.next();
      generators.push(each);
    },
    line: /^variable generators .* → call of pages \(/,
  },
  'a weak map': {
    hold(context) {
      const key = { name: 'key' };
      // Further away than the table of the map.
      keys.push({ of: { the: { key } } });
      details.set(key, { context });
    },
    line: /^variable keys \(\S*shapes\.js\) → Array → Object → .*the context/,
  },
  'a pool': {
    hold(context) {
      pool.idle.push({ release: context.bind(function release() {}) });
    },
    line: /^variable pool \(\S*shapes\.js\) → Pool → \.idle Array → Object → \.release bound function release \(\S*shapes\.js:\d+\) → the context$/,
  },
  'a closure': {
    hold: (context) => closures.push(() => context),
    line: /^variable closures \(\S*shapes\.js\) → Array → function \S* \(\S*shapes\.js:\d+\) → \.context the context/,
  },
  'a set': { hold: (context) => seen.add(context), line: /^variable seen \(\S*shapes\.js\) → Set → the context$/ },
  'an abort listener': {
    hold: (context) =>
      shutdown.signal.addEventListener(
        'abort',
        context.bind(function onAbort() {}),
      ),
    line: /^variable shutdown \(\S*shapes\.js\) → AbortController → (\S+ )?(AbortSignal|EventTarget) → .*bound function onAbort \(\S*shapes\.js:\d+\)/,
  },
  'a store': {
    hold: (context) => als.run({ context }, () => resources.push(new AsyncResource('STORE'))),
    line: /^variable resources \(\S*shapes\.js\) → Array → AsyncResource/,
  },
  'a list': {
    hold(context) {
      queue = { next: queue, job: { context } };
    },
    line: /^variable queue \(\S*shapes\.js\) → Object → .*\.job Object → \.context the context/,
  },
  'a private field': {
    hold: (context) => sessions.push(new Session(context)),
    line: /^variable sessions \(\S*shapes\.js\) → Array → Session → \.#context the context/,
  },
  'a static field': { hold: (context) => Repository.recent.push(context), line: /Repository .*\.recent Array → the context/ },
  'a global': {
    hold: (context) => (globalThis.keptContexts ??= []).push(context),
    line: /^global → \.keptContexts Array → the context/,
  },
  'an object of arrays': {
    hold: (context) => (states.open ??= []).push([context]),
    line: /^variable states \(\S*shapes\.js\) → Object → \.open Array → Array → the context/,
  },
  'an object of ids': {
    hold: (context) => (byId[`request-${Object.keys(byId).length}`] = { context }),
    line: /^variable byId \(\S*shapes\.js\) → Object → \[…\] Object → \.context the context$/,
  },
  'a class of a known name': {
    hold: (context) => opened.push(new Page(context)),
    line: /^variable opened \(\S*shapes\.js\) → Array → Page → \.opener the context$/,
  },
  'the exports of a module': {
    hold: (context) => require('./exported').kept.push(context),
    line: /^variable kept \(\S*exported\.js\) → Array → the context$/,
  },
  'a symbol': {
    hold: (context) => symbolic[Object.getOwnPropertySymbols(symbolic)[0]].push(context),
    line: /^variable symbolic \(\S*shapes\.js\) → Object → \.<symbol kept> Array → the context/,
  },
  'a message port': {
    hold(context) {
      channel.port1.addEventListener(
        'message',
        context.bind(function onMessage() {}),
      );
      channel.port1.unref();
    },
    line: /^(variable channel \(\S*shapes\.js\) → MessageChannel → \S*)?MessagePort → .*bound function onMessage \(\S*shapes\.js:\d+\)/,
  },
  'a stream': {
    hold(context) {
      const stream = new PassThrough();
      stream.on(
        'data',
        context.bind(function onData() {}),
      );
      streams.push(stream);
    },
    line: /^variable streams \(\S*shapes\.js\) → Array → PassThrough → \.data bound function onData \(\S*shapes\.js:\d+\) → the context/,
  },
  'a held value': {
    hold(context) {
      const key = {};
      registered.push(key);
      registry.register(key, { context });
    },
    line: /^variable registry \(\S*shapes\.js\) → FinalizationRegistry/,
  },
  'a native bound function': {
    hold(context) {
      bounds.push(function onBound() {}.bind(context));
    },
    line: /^variable bounds \(\S*shapes\.js\) → Array → .*onBound.* → the context/,
  },
  'a proxy': {
    hold: (context) => proxies.push(new Proxy({ context }, {})),
    line: /^variable proxies \(\S*shapes\.js\) → Array → Proxy → .*Object → \.context the context/,
  },
  'a nested context': {
    hold(context, namespace) {
      children.push(namespace.createContext().bind(function inner() {}));
    },
    line: /^variable children \(\S*shapes\.js\) → Array → bound function inner \(\S*shapes\.js:\d+\) → the context/,
  },
  'a waiting resolver': {
    async hold(context) {
      await new Promise((resolve) => waiters.push(resolve));
      return context;
    },
    line: /^variable waiters \(\S*shapes\.js\) → Array → .*Promise/,
  },
  'a listener of the process': {
    hold: (context) =>
      process.on(
        'kept',
        context.bind(function onResize() {}),
      ),
    line: /process.*\.kept .*bound function onResize \(\S*shapes\.js:\d+\) → the context/,
  },
  'a variable': {
    hold(context) {
      last = context;
    },
    line: /^variable last \(\S*shapes\.js\) → the context$/,
    count: 1,
  },
  'a kept-alive socket': {
    hold: (context, namespace, { socket }) =>
      socket.on(
        'close',
        context.bind(function onClose() {}),
      ),
    line: /^TCP → Socket → \.close Array → bound function onClose \(\S*shapes\.js:\d+\) → the context$/,
  },
};

const COUNT = 3;

/**
 * Makes contexts that end and are kept.
 * @param {(context: Context) => void} onContext
 * @returns {Promise<Record<string, number>>} how many each shape keeps
 */
async function holdAll(namespace, onContext) {
  const connection = await connect();
  const counts = {};
  for (const [name, { hold, count = COUNT }] of Object.entries(shapes)) {
    counts[name] = count;
    for (let made = 0; made < COUNT; made++) {
      const context = namespace.createContext({ name });
      onContext(context);
      context.bind(() => void hold(context, namespace, connection))();
    }
  }
  return counts;
}

module.exports = { holdAll, shapes };
