'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { linesOf, root, runNode } = require('../../support/child');
const { readSnapshot } = require('../../../lib/observing/leaks/snapshot');

const command = path.join(root, 'bin', 'context-leaks.js');
const ODD = 'GET "/ü\\n\u001b[31m/\u{2028}… 😀\ud83d';

/** Ends two contexts that are kept, and has V8 write a snapshot by itself, or the handle of context/leaks. */
const program = (file, call) => `
  const v8 = require('node:v8');
  const leaks = require('context/leaks').start({ label: () => ${JSON.stringify(ODD)} });
  const namespace = require('context').createNamespace('request');
  const end = () => {
    const context = namespace.createContext();
    context.run(() => {});
    return context;
  };
  globalThis.kept = { of: { requests: [end(), end()] } };
  // The stack is a shorter way to them.
  setImmediate((contexts) => console.log(${call}(${JSON.stringify(file)}), contexts.length), kept.of.requests);`;

describe('files of context/leaks', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'context-leaks-'));
  const file = path.join(folder, 'shapes.heapsnapshot');
  let explained;

  before(async () => {
    const [line] = await linesOf([path.join(__dirname, 'program.js'), file]);
    explained = JSON.parse(line).groups;
  });

  after(() => fs.rmSync(folder, { recursive: true }));

  it('say what explain() says, and only their owner may read them', async () => {
    const [json] = [await linesOf([command, '--json', '--older-than', '0', file])];
    const shown = ({ label, count, line }) => `${label} ${count} ${line}`;
    const { groups } = JSON.parse(json.join('\n'));
    assert.deepStrictEqual(groups.map(shown).sort(), explained.map(shown).sort());
    assert.strictEqual(fs.statSync(file).mode & 0o077, 0);
    const lines = await linesOf([command, '--older-than', '0', file]);
    assert.deepStrictEqual(lines.sort(), explained.map(({ label, count, line }) => `${count} × ${label}: ${line}`).sort());
    assert.deepStrictEqual(await linesOf([command, file]), ['no context that has ended is held']);
    for (const { chain } of groups) assert.ok(chain.length > 1 && chain.every((node) => / → /.test(node)), `${chain}`);
  });

  it('may be written by V8 alone, and have any label', async () => {
    const cases = [
      ['leaks.writeSnapshot', '0', '2 × GET "/ü\\n\\u{1b}[31m/\\u{2028}… 😀\\u{d83d}: '],
      ['v8.writeHeapSnapshot', '3600', '2 × GET "/ü'],
    ];
    for (const [call, age, beginning] of cases) {
      const odd = path.join(folder, `${call}.heapsnapshot`);
      assert.deepStrictEqual(await linesOf(program(odd, call)), [`${odd} 2`]);
      const lines = await linesOf([command, '--older-than', age, odd]);
      assert.deepStrictEqual([lines.length, lines[0].slice(0, beginning.length)], [1, beginning]);
      assert.ok(lines[0].endsWith(': global → .kept Object → .of Object → .requests Array → the context'), lines[0]);
    }
  });

  it('are read in chunks of any size, and refused if they are something else or not complete', async () => {
    const bytes = fs.readFileSync(file);
    const whole = await readSnapshot([bytes]);
    for (const size of [61, 4096]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      );
      const [head, ...rest] = chunks;
      const graph = await readSnapshot([...Array.from(head, (byte) => Buffer.of(byte)), ...rest]);
      assert.strictEqual(graph.count, whole.count);
      for (let node = 0; node < graph.count; node += 997) assert.strictEqual(graph.nameOf(node), whole.nameOf(node));
    }
    const wrong = [0, 10, 1000, bytes.length >> 2, bytes.length >> 1, bytes.length - 10].map((length) =>
      bytes.subarray(0, length),
    );
    wrong.push(Buffer.from('{"name": "no snapshot"}'), Buffer.from('{"nodes":[1'), Buffer.alloc(1e6, 'x'), Buffer.alloc(1e6));
    for (const content of wrong) await assert.rejects(readSnapshot([content]), { code: 'ERR_CONTEXT_LEAKS_SNAPSHOT' });
  });

  it('are of a command that says what is wrong, with exit code 2', async () => {
    const wrong = [
      [[], /Pass one file/],
      [[file, file], /Pass one file/],
      [['--older-than', 'soon', file], /must be a number of seconds, but it is 'soon'/],
      [['--older-than=-1', file], /must be a number of seconds, but it is '-1'/],
      [['--nonsense', file], /nonsense/],
      [[path.join(folder, 'missing')], /ENOENT/],
      [[path.join(root, 'package.json')], /not a complete heap snapshot/],
      [[folder], /EISDIR/],
    ];
    for (const [args, message] of wrong) {
      const { code, stdout, stderr } = await runNode([command, ...args]);
      assert.deepStrictEqual([code, stdout], [2, '']);
      assert.match(stderr, message);
      assert.strictEqual(stderr.trimEnd().split('\n').length, 1);
    }
    assert.match((await linesOf([command, '--help']))[0], /^Usage: context-leaks /);
  });
});
