'use strict';

const assert = require('node:assert');
const { AsyncLocalStorage } = require('node:async_hooks');
const fs = require('node:fs');
const path = require('node:path');
const { setImmediate: nextTurn } = require('node:timers/promises');

const { createNamespace } = require('context');
const pino = require('pino');
const winston = require('winston');

const { root, runNode } = require('../../support/child');
const { snippetsOf } = require('../../support/snippets');

const REQUESTS = 100;

/** What the examples print: the text of each line and of which request, in the order in which the requests are served. */
const LINES = [
  ['a', 'received'],
  ['b', 'received'],
  ['c', 'received'],
  ['c', 'answered'],
  ['b', 'answered'],
  ['a', 'answered'],
  [undefined, 'closed'],
];

/** Reads a line of an example: JSON, or `[id] text`. */
function parse(line) {
  if (line.startsWith('{')) {
    const { id, msg, message = msg } = JSON.parse(line);
    return [id, message];
  }
  const [, id, text] = /^\[(.+?)\] (.*)$/.exec(line);
  return [id === '-' ? undefined : id, text];
}

describe('the examples of loggers', () => {
  const examples = ['pino', 'winston', 'console'].map((name) => path.join('examples', 'loggers', `${name}.js`));
  const textOf = (file) => fs.readFileSync(path.join(root, file), 'utf8');
  const snippets = snippetsOf('docs/loggers.md');

  for (const file of examples) {
    it(`stamp each line with the id of its own request, and print what docs/loggers.md shows: ${file}`, async () => {
      const { code, stdout, stderr } = await runNode([file]);
      assert.deepStrictEqual([code, stderr], [0, '']);
      assert.deepStrictEqual(stdout.trimEnd().split('\n').map(parse), LINES);
      const parts = snippets.filter(({ program }) => textOf(file).includes(program));
      assert.notStrictEqual(parts.length, 0, `docs/loggers.md shows nothing of ${file}`);
      for (const { output } of parts) if (output !== undefined) assert.strictEqual(output, stdout);
    });
  }
});

describe('values on lines of a logger under back pressure', () => {
  const namespace = createNamespace('loggers');
  const storage = new AsyncLocalStorage();
  let lines;
  beforeEach(() => (lines = []));

  it('are those of the request that logs, with pino', () => {
    // A stream that accepts nothing: the line that it is given is final.
    const stream = { write: (line) => void lines.push(JSON.parse(line)) };
    const logger = pino({ mixin: () => namespace.toObject(), base: null }, stream);
    for (let index = 0; index < REQUESTS; index++) {
      namespace.run(() => {
        namespace.set('id', index);
        logger.info({ expected: index }, 'served');
      });
    }
    assert.strictEqual(lines.length, REQUESTS);
    for (const { id, expected } of lines) assert.strictEqual(id, expected);
  });

  /** The values now, of a namespace and of an AsyncLocalStorage. */
  const values = () => ({ ...namespace.toObject(), ofStore: storage.getStore() });
  const withValues = winston.format((info) => Object.assign(info, values()));

  /** A transport that accepts one line each turn. */
  class SlowTransport extends winston.Transport {
    log(info, callback) {
      lines.push(info);
      setImmediate(callback);
    }
  }

  class ReadingTransport extends SlowTransport {
    log(info, callback) {
      super.log({ ...info, ...values() }, callback);
    }
  }

  /** Reads the values when they are asked for. */
  const defaultMeta = Object.defineProperties(
    {},
    {
      id: { enumerable: true, get: () => namespace.get('id') },
      ofStore: { enumerable: true, get: () => storage.getStore() },
    },
  );

  /** The options of a logger, by the place where it reads the values, as docs/loggers.md names that. */
  const places = {
    '`defaultMeta`': () => ({ defaultMeta, transports: [new SlowTransport()] }),
    'a format of the logger': () => ({ format: withValues(), transports: [new SlowTransport()] }),
    'a format of a transport': () => ({ transports: [new SlowTransport({ format: withValues() })] }),
    "a transport's own `log`": () => ({ transports: [new ReadingTransport()] }),
  };

  for (const [place, optionsOf] of Object.entries(places)) {
    it(`are right or wrong as docs/loggers.md says, as those of AsyncLocalStorage, with winston: ${place}`, async () => {
      const logger = winston.createLogger(optionsOf());
      const serve = async (id) => {
        namespace.set('id', id);
        await nextTurn();
        logger.info('served', { expected: id });
      };
      const start = (_, index) => storage.run(index, () => namespace.run(serve, index));
      await Promise.all(Array.from({ length: REQUESTS }, start));
      while (lines.length < REQUESTS) await nextTurn();
      const [wrong, ofStore] = ['id', 'ofStore'].map((key) => lines.filter((line) => line[key] !== line.expected).length);
      const page = fs.readFileSync(path.join(root, 'docs', 'loggers.md'), 'utf8');
      const row = page.split('\n').find((line) => line.startsWith(`| ${place} |`));
      assert.strictEqual(row, `| ${place} | ${wrong} |`);
      assert.strictEqual(ofStore, wrong);
    });
  }
});
