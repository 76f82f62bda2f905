'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { createNamespace } = require('context');
const pino = require('pino');

const { root, runNode } = require('../../support/child');
const { snippetsOf } = require('../../support/snippets');
const { places } = require('./programs/winston');

const EXAMPLES = ['pino', 'winston', 'console'];

/** What each line says, and of which request, in the order in which the requests are served. */
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
  const snippets = snippetsOf('docs/loggers.md');

  for (const name of EXAMPLES) {
    const file = path.join('examples', 'loggers', `${name}.js`);

    it(`stamp each line with the id of its own request: ${name}`, async () => {
      const { code, stdout, stderr } = await runNode([file]);
      assert.deepStrictEqual([code, stderr], [0, '']);
      assert.deepStrictEqual(stdout.trimEnd().split('\n').map(parse), LINES);
    });

    it(`are what docs/loggers.md shows, and print what it shows: ${name}`, async () => {
      const text = fs.readFileSync(path.join(root, file), 'utf8');
      const parts = snippets.filter(({ program }) => text.includes(program));
      assert.notStrictEqual(parts.length, 0, `docs/loggers.md shows nothing of ${file}`);
      const { stdout } = await runNode([file]);
      for (const { output } of parts) if (output !== undefined) assert.strictEqual(output, stdout);
    });
  }

  it('are all that docs/loggers.md shows', () => {
    const texts = EXAMPLES.map((name) => fs.readFileSync(path.join(root, 'examples', 'loggers', `${name}.js`), 'utf8'));
    for (const { line, program } of snippets) {
      assert.ok(
        texts.some((text) => text.includes(program)),
        `line ${line} is in no example`,
      );
    }
    assert.ok(snippets.some(({ output }) => output !== undefined));
  });

  it('write lines of their own: console keeps its formats', async () => {
    const { stdout } = await runNode(`
      require('./examples/loggers/console');
      console.info('%s of %d', 'one', 2, { three: 3 });
    `);
    assert.strictEqual(stdout.split('\n')[0], '[-] one of 2 { three: 3 }');
  });
});

describe('values on lines of a logger', () => {
  it('are those of the request that logs, with pino, if its stream is under back pressure', () => {
    const namespace = createNamespace('pino');
    const lines = [];
    const held = [];
    // A stream that takes nothing: what it is given is all that there will be on the line.
    const stream = { write: (line) => held.push(line) };
    const logger = pino({ mixin: () => namespace.toObject(), base: null }, stream);
    for (let index = 0; index < 100; index++) {
      namespace.run(() => {
        namespace.set('id', index);
        logger.info({ expected: index }, 'served');
      });
    }
    for (const line of held) lines.push(JSON.parse(line));
    assert.strictEqual(lines.length, 100);
    for (const { id, expected } of lines) assert.strictEqual(id, expected);
  });

  for (const place of Object.keys(places)) {
    it(`are right or wrong as docs/loggers.md says, with winston under back pressure: ${place}`, async () => {
      const page = fs.readFileSync(path.join(root, 'docs', 'loggers.md'), 'utf8');
      const row = page.split('\n').find((line) => line.startsWith(`| ${place} |`));
      const { code, stdout, stderr } = await runNode([path.join(__dirname, 'programs', 'winston.js'), place]);
      assert.strictEqual(code, 0, stderr);
      const { wrong, ofStore } = JSON.parse(stdout);
      assert.strictEqual(row, `| ${place} | ${wrong} |`);
      assert.strictEqual(ofStore, wrong, 'AsyncLocalStorage is wrong in as many');
    });
  }
});
