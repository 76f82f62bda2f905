'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { runNode } = require('../support/child');
const { copyPackage } = require('../support/copy');

/** Runs a program in which `a` and `b` are two copies of the package, and returns what it logged. */
async function outputWith(copy, program) {
  const { code, stdout, stderr } = await runNode(`
    const a = require('context');
    const b = require(${JSON.stringify(copy)});
    ${program}
  `);
  assert.strictEqual(code, 0, stderr);
  return stdout.trimEnd().split('\n');
}

/** A program in which namespaces of both copies carry their contexts at a time. */
const both = `
  const one = a.createNamespace('one');
  const two = b.createNamespace('two');
  one.run(() => {
    one.set('id', 1);
    two.run(async () => {
      two.set('id', 2);
      await null;
      setImmediate(() => console.log(one.get('id'), two.get('id')));
    });
  });
`;

describe('two copies of the package', () => {
  it('share their namespaces', async () => {
    const lines = await outputWith(copyPackage(), `
      console.log(a === b, a.createNamespace('shared') === b.getNamespace('shared'));
      ${both}
    `);
    assert.deepStrictEqual(lines, ['true true', '1 2']);
  });

  it('leave each other alone across incompatible majors, and both work', async () => {
    const otherMajor = copyPackage((folder) => {
      const index = path.join(folder, 'index.js');
      const text = fs.readFileSync(index, 'utf8');
      assert.ok(text.includes("Symbol.for('context.v1')"));
      fs.writeFileSync(index, text.replace("Symbol.for('context.v1')", "Symbol.for('context.v2')"));
    });
    const lines = await outputWith(otherMajor, `
      a.createNamespace('name');
      console.log(a === b, b.getNamespace('name'));
      ${both}
    `);
    assert.deepStrictEqual(lines, ['false undefined', '1 2']);
  });
});

describe('a copy of the package', () => {
  const load = async (folder) => {
    const { code, stderr } = await runNode([path.join(folder, 'index.js')]);
    assert.strictEqual(code, 1);
    return stderr;
  };

  it('without a binary says what it tried and what to do', async () => {
    const folder = copyPackage((made) => fs.rmSync(path.join(made, 'build'), { recursive: true }));
    const message = await load(folder);
    for (const part of [
      'ERR_CONTEXT_BINDING', process.platform, process.arch, process.version, path.join(folder, 'build', 'Release'),
      path.join(folder, 'prebuilds'), 'no binary', 'npm rebuild context', 'npm run build',
    ]) {
      assert.ok(message.includes(part), `'${part}' is not in ${message}`);
    }
  });

  it('with the binary of another platform says so', async () => {
    const folder = copyPackage((made) => fs.writeFileSync(path.join(made, 'build', 'Release', 'context.node'), 'MZ'));
    const message = await load(folder);
    for (const part of ['ERR_CONTEXT_BINDING', 'context.node', 'The loader said', 'npm rebuild context']) {
      assert.ok(message.includes(part), `'${part}' is not in ${message}`);
    }
  });
});
