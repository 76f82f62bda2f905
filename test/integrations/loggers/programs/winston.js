'use strict';

/**
 * Writes lines of several requests at a time to a logger of winston whose transport is slow, and prints how many have the id of another
 * request, or none, by the place where the id is put on the line.
 */

const { Writable } = require('node:stream');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace } = require('context');
const winston = require('winston');

const REQUESTS = 100;

const namespace = createNamespace('request');

const withValues = winston.format((info) => Object.assign(info, namespace.toObject()));

/** A transport that takes one line each turn. */
class SlowTransport extends winston.Transport {
  constructor(options, lines) {
    super(options);
    this.lines = lines;
  }

  log(info, callback) {
    this.lines.push(info);
    setImmediate(callback);
  }
}

/** As SlowTransport, but reads the values itself. */
class ReadingTransport extends SlowTransport {
  log(info, callback) {
    super.log({ ...info, ...namespace.toObject() }, callback);
  }
}

const places = {
  'defaultMeta': (lines) => ({
    defaultMeta: { get id() { return namespace.get('id'); } },
    transports: [new SlowTransport({}, lines)],
  }),
  'format of the logger': (lines) => ({ format: withValues(), transports: [new SlowTransport({}, lines)] }),
  'format of the transport': (lines) => ({ transports: [new SlowTransport({ format: withValues() }, lines)] }),
  'log of the transport': (lines) => ({ transports: [new ReadingTransport({}, lines)] }),
};

async function measure(place) {
  const lines = [];
  const logger = winston.createLogger(places[place](lines));
  const serve = async (id) => {
    namespace.set('id', id);
    await nextTurn();
    logger.info('served', { expected: id });
  };
  await Promise.all(Array.from({ length: REQUESTS }, (_, index) => namespace.run(serve, `request ${index}`)));
  while (lines.length < REQUESTS) await nextTurn();
  return lines.filter(({ id, expected }) => id !== expected).length;
}

async function main() {
  const wrong = {};
  for (const place of Object.keys(places)) wrong[place] = await measure(place);
  console.log(JSON.stringify(wrong));
}

main();
