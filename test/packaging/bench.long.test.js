'use strict';

const assert = require('node:assert');

const { runNode } = require('../support/child');

const bench = (...args) => runNode(['bench/main.js', ...args]);

describe('npm run bench', function () {
  // Each starts a dozen processes, one after the other.
  this.timeout(120_000);

  it('gives the figures of each subject in each round', async () => {
    const { code, stdout, stderr } = await bench('--quick', '--only', 'set,living', '--rounds', '2', '--json', '-');
    assert.strictEqual(code, 0, stderr);
    const [run, ...others] = JSON.parse(stdout).runs;
    assert.deepStrictEqual(others, []);
    assert.strictEqual(run.version, process.version);
    const { stdout: engine } = await runNode("process.stdout.write(require('context').engine)");
    assert.strictEqual(run.engine, engine);
    for (const subject of ['AsyncLocalStorage', 'cls-hooked', `context (${engine})`]) {
      const valuesOf = (name) => run.figures.find((entry) => entry.figure === name && entry.subject === subject).values;
      const values = [valuesOf('set'), valuesOf('context'), valuesOf('operation')];
      assert.deepStrictEqual(
        values.map(({ length }) => length),
        [2, 1, 1],
      );
      assert.ok(
        values.flat().every((value) => value > 0),
        `${subject}: ${JSON.stringify(values)}`,
      );
    }
  });

  it('shows them in tables, with the goals', async () => {
    const { code, stdout, stderr } = await bench('--quick', '--only', 'unit');
    assert.strictEqual(code, 0, stderr);
    assert.match(stdout, /^\| unit( +\| +\d+(\.\d+)?( \d+(\.\d+)?)?){4,} \|$/m);
    assert.match(stdout, /^\| unit, of AsyncLocalStorage +\| +\d\.\d+ \| +\d+\.\d+ .* (met|missed) \|$/m);
  });

  it('serves HTTP with each subject', async () => {
    const { code, stdout, stderr } = await bench('--quick', '--only', 'http', '--json', '-');
    assert.strictEqual(code, 0, stderr);
    const { figures } = JSON.parse(stdout).runs[0];
    for (const figure of ['requests', 'cpu', 'p50', 'p99']) {
      const entries = figures.filter((entry) => entry.figure === figure);
      assert.ok(entries.length >= 8 && entries.every(({ values }) => values[0] > 0), JSON.stringify(entries));
    }
  });
});
