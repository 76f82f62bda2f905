'use strict';

/**
 * `winston.js <place>`: 100 requests write a line each, at a time, to a logger of winston whose transport is slow. Prints how many of the
 * lines have the id of another request, or none, and in how many an AsyncLocalStorage had that of another one, or none, there too.
 */

const { AsyncLocalStorage } = require('node:async_hooks');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace } = require('context');
const winston = require('winston');

const REQUESTS = 100;

const namespace = createNamespace('request');
const storage = new AsyncLocalStorage();

/** What is known where a line is stamped. */
const values = () => ({ ...namespace.toObject(), ofStore: storage.getStore() });

const withValues = winston.format((info) => Object.assign(info, values()));
const lines = [];

/** A transport that takes one line each turn. */
class SlowTransport extends winston.Transport {
  log(info, callback) {
    lines.push(info);
    setImmediate(callback);
  }
}

/** Reads the values itself. */
class ReadingTransport extends SlowTransport {
  log(info, callback) {
    super.log({ ...info, ...values() }, callback);
  }
}

/** Reads the values when it is asked for them. */
const meta = {
  get id() {
    return namespace.get('id');
  },
  get ofStore() {
    return storage.getStore();
  },
};

/** By the place, as docs/loggers.md names it, the options of the logger. */
const places = {
  '`defaultMeta`': () => ({ defaultMeta: meta, transports: [new SlowTransport()] }),
  'a format of the logger': () => ({ format: withValues(), transports: [new SlowTransport()] }),
  'a format of a transport': () => ({ transports: [new SlowTransport({ format: withValues() })] }),
  "a transport's own `log`": () => ({ transports: [new ReadingTransport()] }),
};

async function main(place) {
  const logger = winston.createLogger(places[place]());
  const serve = async (id) => {
    namespace.set('id', id);
    await nextTurn();
    logger.info('served', { expected: id });
  };
  const start = (_, index) => storage.run(`request ${index}`, () => namespace.run(serve, `request ${index}`));
  await Promise.all(Array.from({ length: REQUESTS }, start));
  while (lines.length < REQUESTS) await nextTurn();
  const wrong = (key) => lines.filter((line) => line[key] !== line.expected).length;
  console.log(JSON.stringify({ wrong: wrong('id'), ofStore: wrong('ofStore') }));
}

if (require.main === module) main(process.argv[2]);

module.exports = { places };
