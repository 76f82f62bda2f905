'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { linesOf, root, runNode } = require('../support/child');
const { copyOf, copyPackage, programWith } = require('../support/copy');

const [major, minor] = require('../../package.json').version.split('.').map(Number);

describe('two copies of the package', () => {
  it('share their namespaces', async () => {
    const lines = await linesOf(`
      ${programWith(root, copyPackage())}
      console.log(a === b, a.createNamespace('shared') === b.getNamespace('shared'));
      both();
    `);
    assert.deepStrictEqual(lines, ['true true', '1 2', 'warnings']);
  });

  it('are independent if the first is older, with a warning, or of another major version, and both work', async () => {
    for (const [version, ...codes] of [[`${major}.${minor + 1}.0`, 'CONTEXT_COPIES'], [`${major + 1}.0.0`]]) {
      const lines = await linesOf(`
        ${programWith(root, copyOf(version))}
        a.createNamespace('name');
        console.log(a === b, b.getNamespace('name'));
        both();
      `);
      assert.deepStrictEqual(lines, ['false undefined', '1 2', ['warnings', ...codes].join(' ')]);
    }
  });
});

/** Asserts that a message has some parts. */
function assertParts(message, parts) {
  for (const part of ['ERR_CONTEXT_BINDING', ...parts]) assert.ok(message.includes(part), `'${part}' is not in ${message}`);
}

describe('a copy of the package', () => {
  const messageOf = async (folder) => (await runNode([path.join(folder, 'index.js')])).stderr;
  const releaseOf = (folder) => path.join(folder, 'build', 'Release');

  it('without a binary says what it tried and what to do', async () => {
    const folder = copyPackage((made) => fs.rmSync(path.join(made, 'build'), { recursive: true }));
    const tried = [releaseOf(folder), path.join(folder, 'prebuilds'), 'no binary'];
    const remedies = [path.join(folder, 'tools', 'build-prebuilt.js'), 'npm run build'];
    assertParts(await messageOf(folder), [process.platform, process.arch, process.version, ...tried, ...remedies]);
  });

  it('with the binary of another platform says so', async () => {
    const folder = copyPackage((made) => fs.writeFileSync(path.join(releaseOf(made), 'context.node'), 'MZ'));
    assertParts(await messageOf(folder), ['context.node', 'The loader said', 'build-prebuilt.js']);
  });

  it('whose binary may not be read says so', async () => {
    const isFile = copyPackage((made) => {
      fs.rmSync(releaseOf(made), { recursive: true });
      fs.writeFileSync(releaseOf(made), '');
    });
    const isUnreadable = copyPackage((made) => {
      fs.chmodSync(made, 0o755);
      fs.chmodSync(releaseOf(made), 0);
    });
    // The superuser may read everything: what is loaded until then need not be readable for the other user.
    const asAnother = `
      const load = require('node:module').createRequire(${JSON.stringify(path.join(isUnreadable, 'lib', 'frames', 'binding.js'))});
      for (const name of ['bundle', 'errors']) load('../util/' + name);
      if (process.getuid?.() === 0) process.seteuid(65534);
      load('./binding.js');
    `;
    const reasons = { ENOTDIR: [isFile, await messageOf(isFile)] };
    // Windows has no such permissions.
    if (process.platform !== 'win32') reasons.EACCES = [isUnreadable, (await runNode(asAnother)).stderr];
    fs.chmodSync(releaseOf(isUnreadable), 0o755);
    for (const [code, [folder, message]] of Object.entries(reasons)) {
      assertParts(message, [`${releaseOf(folder)}: cannot be read (${code})`, 'Let the user']);
      assert.ok(!message.includes('To build it'));
    }
  });
});

describe('a process that may not load addons', () => {
  const permission = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
  const readable = ['index.js', 'package.json', 'lib'].map((name) => `--allow-fs-read=${path.join(root, name)}`);
  const flags = [
    [['--no-addons'], ['--no-addons', 'Start it without that flag']],
    [
      [permission, '--allow-fs-read=*'],
      [`Node.js runs with ${permission}`, '--allow-addons'],
    ],
    [
      [permission, '--allow-addons', ...readable],
      ['cannot be read (ERR_ACCESS_DENIED)', `--allow-fs-read=${root}`],
    ],
  ];
  it('reads which flag that is, in a worker too', async () => {
    const load = `try { require(${JSON.stringify(root)}); } catch ({ code, message }) { console.log(code, message); }`;
    const worker = `new (require('worker_threads').Worker)(${JSON.stringify(load)}, { eval: true, execArgv: ['--no-addons'] });`;
    for (const [args, parts, program = load] of [...flags, [[], flags[0][1], worker]]) {
      const message = (await linesOf([...args, '-e', program])).join('\n');
      assertParts(message, parts);
      assert.ok(!message.includes('To build it'));
    }
  });
});
