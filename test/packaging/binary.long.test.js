'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const { runNode } = require('../support/child');
const { copyPackage } = require('../support/copy');

const platform = `${process.platform}-${process.arch}`;
const libcs = process.platform === 'linux' ? ['-glibc', '-musl'] : [''];

/** A copy whose only binary is in `prebuilds/`, with a list of binaries. */
function copyWithPrebuilt(listOf) {
  return copyPackage((folder) => {
    fs.mkdirSync(path.join(folder, 'prebuilds', platform), { recursive: true });
    const binary = path.join(folder, 'prebuilds', platform, 'context.node');
    fs.renameSync(path.join(folder, 'build', 'Release', 'context.node'), binary);
    const functions = listOf(binary).map(([name, text]) => `'${name}': () => ${text}`);
    fs.writeFileSync(path.join(folder, 'prebuilds', 'index.js'), `module.exports = { ${functions.join(', ')} };`);
  });
}

const asRequire = `require('./${platform}/context.node')`;

/** What a program prints that loads a copy and runs a function in a context. */
async function load(folder, before = '') {
  const { code, stdout, stderr } = await runNode(`
    ${before}
    const namespace = require(${JSON.stringify(folder)}).createNamespace('name');
    namespace.createContext({ value: 1 }).run(() => setImmediate(() => console.log(namespace.get('value'))));
  `);
  return code === 0 ? stdout : stderr;
}

describe('a prebuilt binary', () => {
  const lists = {
    'is required': () => libcs.map((libc) => [platform + libc, asRequire]),
    'is loaded from a path, as some bundlers have it': () => {
      return libcs.map((libc) => [platform + libc, JSON.stringify(`../../prebuilds/${platform}/context.node`)]);
    },
    'is loaded from a URL, as some bundlers have it': (binary) => {
      return libcs.map((libc) => [platform + libc, JSON.stringify(pathToFileURL(binary).href)]);
    },
    'is not loaded if it is of another platform': () => [
      ['sunos-sparc', "process.exit('it was loaded')"],
      ...libcs.map((libc) => [platform + libc, asRequire]),
    ],
  };
  for (const [what, listOf] of Object.entries(lists)) {
    it(what, async () => assert.strictEqual(await load(copyWithPrebuilt(listOf)), '1\n'));
  }

  if (process.platform === 'linux') {
    for (const [likely, other, beginning] of [
      [...libcs, 'x'.repeat(9000)],
      [...libcs.toReversed(), '.'.repeat(700) + '/lib/ld-musl-x86_64.so.1'],
    ]) {
      it(`is that of the C library that the program names: ${likely}`, async () => {
        const folder = copyWithPrebuilt(() => [
          [platform + likely, asRequire],
          [platform + other, "process.exit('it was loaded')"],
        ]);
        const program = path.join(folder, 'program');
        fs.writeFileSync(program, beginning);
        assert.strictEqual(await load(folder, `process.execPath = ${JSON.stringify(program)};`), '1\n');
      });
    }

    for (const [broken, good] of [libcs, [...libcs].reverse()]) {
      it(`may fail to load if there is one for the other C library: ${good}`, async () => {
        const folder = copyWithPrebuilt(() => [
          [platform + broken, `require('./${platform}/broken.node')`],
          [platform + good, asRequire],
        ]);
        fs.writeFileSync(path.join(folder, 'prebuilds', platform, 'broken.node'), 'not a binary');
        assert.strictEqual(await load(folder), '1\n');
      });
    }
  }

  it('that is of no use here is reported as such', async () => {
    const message = await load(copyWithPrebuilt(() => [['sunos-sparc', asRequire]]));
    for (const part of ['ERR_CONTEXT_BINDING', `There is no binary for ${platform}`, 'build-prebuilt.js']) {
      assert.ok(message.includes(part), `'${part}' is not in ${message}`);
    }
  });
});
