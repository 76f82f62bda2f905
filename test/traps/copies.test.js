'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { root, runNode } = require('../support/child');
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

  it('whose binary may not be looked for says so', async () => {
    const isFile = copyPackage((made) => {
      fs.rmSync(path.join(made, 'build', 'Release'), { recursive: true });
      fs.writeFileSync(path.join(made, 'build', 'Release'), '');
    });
    const isUnreadable = copyPackage((made) => {
      fs.chmodSync(made, 0o755);
      fs.chmodSync(path.join(made, 'build', 'Release'), 0);
    });
    // The superuser may read everything: what is loaded until then need not be readable for the other user.
    const asAnother = `
      const load = require('node:module').createRequire(${JSON.stringify(path.join(isUnreadable, 'lib', 'binding.js'))});
      for (const name of ['node-gyp-build', './errors.js']) load(name);
      if (process.getuid?.() === 0) process.seteuid(65534);
      load('./binding.js');
    `;
    const reasons = { ENOTDIR: [isFile, await load(isFile)], EACCES: [isUnreadable, (await runNode(asAnother)).stderr] };
    fs.chmodSync(path.join(isUnreadable, 'build', 'Release'), 0o755);
    for (const [code, [folder, message]] of Object.entries(reasons)) {
      for (const part of ['ERR_CONTEXT_BINDING', `${path.join(folder, 'build', 'Release')}: cannot be read (${code})`, 'Let the user']) {
        assert.ok(message.includes(part), `'${part}' is not in ${message}`);
      }
      assert.ok(!message.includes('npm rebuild'));
    }
  });
});

describe('a process that may not load addons', () => {
  const permission = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
  const flags = {
    '--no-addons': [['--no-addons'], 'Start it without that flag'],
    [permission]: [[permission, '--allow-fs-read=*'], `Node.js runs with ${permission}`, '--allow-addons'],
    'permissions that leave out the package': [
      [permission, '--allow-addons', ...['index.js', 'package.json', 'lib', 'node_modules/node-gyp-build'].map((name) => {
        return `--allow-fs-read=${path.join(root, name)}`;
      })],
      'cannot be read (ERR_ACCESS_DENIED)', `--allow-fs-read=${root}`,
    ],
  };
  for (const [what, [args, ...parts]] of Object.entries(flags)) {
    it(`is told which flag that is: ${what}`, async () => {
      const program = `try { require(${JSON.stringify(root)}); } catch ({ code, message }) { console.log(code, message); }`;
      const { code, stdout, stderr } = await runNode([...args, '-e', program]);
      assert.strictEqual(code, 0, stderr);
      for (const part of ['ERR_CONTEXT_BINDING', ...parts]) assert.ok(stdout.includes(part), `'${part}' is not in ${stdout}`);
      assert.ok(!stdout.includes('npm rebuild'));
      if (what === '--no-addons') assert.ok(stdout.includes('--no-addons'));
    });
  }

  it('is told so in a worker', async () => {
    const { stdout } = await runNode(`
      const { Worker } = require('worker_threads');
      new Worker('require("context")', { eval: true, execArgv: ['--no-addons'] }).on('error', (error) => console.log(error.message));
    `);
    assert.ok(stdout.includes('--no-addons'), stdout);
  });
});
