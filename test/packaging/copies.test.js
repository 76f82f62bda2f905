'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { root, runNode } = require('../support/child');
const { copyPackage, setVersion } = require('../support/copy');

/** Runs a program, and returns what it logged. */
async function outputOf(program) {
  const { code, stdout, stderr } = await runNode(program);
  assert.strictEqual(code, 0, stderr);
  return stdout.trimEnd().split('\n');
}

/** Runs a program in which `a` and `b` are two copies of the package, and returns what it logged. */
function outputWith(copy, program) {
  return outputOf(`
    const a = require('context');
    const b = require(${JSON.stringify(copy)});
    ${program}
  `);
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

/** A copy of another version, with changes of its own. */
function copyOf(version, change = () => {}) {
  return copyPackage((folder) => {
    setVersion(folder, version);
    change(folder);
  });
}

/** Gives a copy an export more. */
function addExport(folder) {
  const file = path.join(folder, 'lib', 'copies.js');
  const text = fs.readFileSync(file, 'utf8');
  assert.ok(text.includes('return { bind,'));
  fs.writeFileSync(file, text.replace('return { bind,', 'return { added: true, bind,'));
}

const manifest = require('../../package.json');

const [major, minor, patch] = manifest.version.split('.').map(Number);
const files = Object.values(manifest.exports).flatMap((target) => target.default?.slice('./'.length) ?? []);
const paths = (folder) => files.map((file) => path.join(folder, file));

/** Text for programs that tell the codes of warnings at their end. */
const warnings = `
  const codes = [];
  process.on('warning', (warning) => codes.push(warning.code));
  process.on('exit', () => console.log('warnings', ...codes));
`;

describe('two copies of the package', () => {
  it('share their namespaces', async () => {
    const lines = await outputWith(
      copyPackage(),
      `
      console.log(a === b, a.createNamespace('shared') === b.getNamespace('shared'));
      ${both}
    `,
    );
    assert.deepStrictEqual(lines, ['true true', '1 2']);
  });

  for (const first of files) {
    it(`share one engine, also if ${first} is what is loaded first`, async () => {
      const copy = copyPackage();
      const own = paths(root);
      const lines = await outputOf(`
        require(${JSON.stringify(path.join(root, first))});
        const exports = ${JSON.stringify(paths(copy))}.map((path) => require(path));
        const loaded = Object.keys(require.cache).filter((path) => path.startsWith(${JSON.stringify(copy)}));
        console.log(...${JSON.stringify(own)}.map((path, index) => require(path) === exports[index]));
        console.log(...loaded.map((path) => require('path').relative(${JSON.stringify(copy)}, path)).sort());
      `);
      assert.deepStrictEqual(lines, [
        files.map(() => 'true').join(' '),
        [...files, 'lib/copies.js', 'package.json'].sort().join(' '),
      ]);
    });
  }

  it('share what the first of them has, if it is of a later version, or of the same minor version', async () => {
    for (const other of [`${major}.${minor}.${patch + 5}`, `${major}.${minor + 1}.0`]) {
      const [first, second] = [copyOf(other, addExport), root];
      const lines = await outputOf(`
        ${warnings}
        const exports = ${JSON.stringify([first, second])}.map((folder) => require(folder));
        console.log(exports[0] === exports[1], exports[1].added);
      `);
      assert.deepStrictEqual(lines, ['true true', 'warnings']);
    }
    const later = copyOf(`${major}.${minor}.${patch + 5}`);
    assert.deepStrictEqual(await outputWith(later, 'console.log(a === b);'), ['true']);
  });

  it('leave each other alone, with a warning, if the first is older: no name is missing from what the newer one exports', async () => {
    const [newer, again] = [0, 7].map((number) => copyOf(`${major}.${minor + 1}.${number}`, addExport));
    const lines = await outputWith(
      newer,
      `
      ${warnings}
      const [c, d] = [${JSON.stringify(again)}, ${JSON.stringify(copyPackage())}].map((folder) => require(folder));
      console.log(a === b, a.added, b.added, c === b, d === a);
      const kinds = ['cls', 'domain', 'opentelemetry'].map((name) => [
        require('context/' + name), ...${JSON.stringify([newer, again])}.map((folder) => require(folder + '/lib/integrations/' + name)),
      ]);
      console.log(...kinds.map(([one, two, three]) => one !== two && two === three));
      a.createNamespace('name');
      console.log(b.getNamespace('name'));
      ${both}
    `,
    );
    assert.deepStrictEqual(lines, [
      'false undefined true true true',
      'true true true',
      'undefined',
      '1 2',
      'warnings CONTEXT_COPIES',
    ]);
  });

  it('leave each other alone if one of them is no release, and the versions differ', async () => {
    const [one, two] = [`${major}.2.0-rc.1`, `${major}.2.0-rc.2`].map((other) => copyOf(other));
    const lines = await outputOf(`
      ${warnings}
      const [a, b, c] = ${JSON.stringify([one, two, copyOf(`${major}.2.0-rc.1`)])}.map((folder) => require(folder));
      console.log(a === b, a === c);
      ${both}
    `);
    assert.deepStrictEqual(lines, ['false true', '1 2', 'warnings CONTEXT_COPIES']);
  });

  it('leave each other alone across incompatible majors, and both work', async () => {
    const lines = await outputWith(
      copyOf(`${major + 1}.0.0`),
      `
      ${warnings}
      a.createNamespace('name');
      console.log(a === b, b.getNamespace('name'));
      ${both}
    `,
    );
    assert.deepStrictEqual(lines, ['false undefined', '1 2', 'warnings']);
  });

  it('may be one that is loaded again, as the cache of modules was emptied', async () => {
    const lines = await outputOf(`
      ${warnings}
      const load = () => ['', '/cls', '/domain', '/opentelemetry'].map((name) => require('context' + name));
      const first = load();
      for (const path of Object.keys(require.cache)) delete require.cache[path];
      console.log(...load().map((exports, index) => exports === first[index]));
    `);
    assert.deepStrictEqual(lines, ['true true true true', 'warnings']);
  });

  it('may be one whose other entry points are loaded after that for the first time: of the same namespaces, and one engine', async () => {
    const { code, stdout, stderr } = await runNode(`
      ${warnings}
      const { bind, createNamespace } = require('context');
      const namespace = createNamespace('kept');
      namespace.expose('id');
      const empty = () => {
        for (const path of Object.keys(require.cache)) {
          if (!path.includes('@opentelemetry')) delete require.cache[path];
        }
      };
      empty();
      const [usage, watchdog, profiler, http, cls] = ['usage', 'watchdog', 'profiler', 'http', 'cls'].map((name) => {
        empty();
        return require('context/' + name);
      });
      empty();
      const { ContextManager } = require('context/opentelemetry');
      const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');
      const domains = require('context/domain');
      const domain = domains.create();
      const session = cls.createNamespace('session');
      const manager = new ContextManager();
      const key = createContextKey('key');
      const log = (which) => {
        console.log(which, namespace.get('id'), session.get('id'), manager.active().getValue(key), domains.active === domain);
      };
      const counting = usage.start({ namespaces: [namespace] });
      const watching = watchdog.start({ namespaces: [namespace] });
      console.log(typeof http.middleware(namespace));
      const nobody = namespace.active;
      const context = namespace.createContext({ id: 1 });
      const nest = (callback) => () =>
        session.run(() => {
          session.set('id', 2);
          manager.with(ROOT_CONTEXT.setValue(key, 3), () => domain.run(callback));
        });
      context.run(
        nest(() => {
          const bound = bind(log);
          setImmediate(() => log('carried'));
          setImmediate(() => nobody.run(() => bound('bound')));
        }),
      );
      setTimeout(async () => {
        console.log(counting.of(context).callbacks > 1);
        counting.stop();
        watching.stop();
        await (await profiler.start({ keys: ['id'], namespaces: [namespace] })).stop();
      }, 20);
    `);
    assert.strictEqual(code, 0, stderr);
    assert.deepStrictEqual(stdout.trimEnd().split('\n'), [
      'function',
      'carried 1 2 3 true',
      'bound 1 2 3 true',
      'true',
      'warnings',
    ]);
  });

  it('do without the one that does not load', async () => {
    const broken = copyPackage((folder) => fs.rmSync(path.join(folder, 'build'), { recursive: true }));
    const lines = await outputOf(`
      ${warnings}
      try { require(${JSON.stringify(broken)}); } catch ({ code }) { console.log(code); }
      const [a, b] = ${JSON.stringify([root, copyPackage()])}.map((folder) => require(folder));
      console.log(a === b);
      ${both}
    `);
    assert.deepStrictEqual(lines, ['ERR_CONTEXT_BINDING', 'true', '1 2', 'warnings']);
  });

  it('have a manager for OpenTelemetry also if the first copy does not find its API', async () => {
    const alone = copyPackage((folder) => {
      const modules = path.join(folder, 'node_modules');
      fs.unlinkSync(modules);
      fs.mkdirSync(modules);
    });
    const lines = await outputOf(`
      const [a, b] = ${JSON.stringify([alone, root])}.map((folder) => require(folder));
      const { ContextManager } = require('context/opentelemetry');
      const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');
      const key = createContextKey('key');
      const manager = new ContextManager();
      manager.with(ROOT_CONTEXT.setValue(key, 'value'), () => setImmediate(() => console.log(manager.active().getValue(key))));
      console.log(a === b);
      ${both}
    `);
    assert.deepStrictEqual(lines, ['true', 'value', '1 2']);
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
      'ERR_CONTEXT_BINDING',
      process.platform,
      process.arch,
      process.version,
      path.join(folder, 'build', 'Release'),
      path.join(folder, 'prebuilds'),
      'no binary',
      path.join(folder, 'tools', 'build-prebuilt.js'),
      'npm run build',
    ]) {
      assert.ok(message.includes(part), `'${part}' is not in ${message}`);
    }
  });

  it('with the binary of another platform says so', async () => {
    const folder = copyPackage((made) => fs.writeFileSync(path.join(made, 'build', 'Release', 'context.node'), 'MZ'));
    const message = await load(folder);
    for (const part of ['ERR_CONTEXT_BINDING', 'context.node', 'The loader said', 'build-prebuilt.js']) {
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
      const load = require('node:module').createRequire(${JSON.stringify(path.join(isUnreadable, 'lib', 'frames', 'binding.js'))});
      for (const name of ['bundle', 'errors']) load('../util/' + name);
      if (process.getuid?.() === 0) process.seteuid(65534);
      load('./binding.js');
    `;
    const reasons = { ENOTDIR: [isFile, await load(isFile)], EACCES: [isUnreadable, (await runNode(asAnother)).stderr] };
    fs.chmodSync(path.join(isUnreadable, 'build', 'Release'), 0o755);
    for (const [code, [folder, message]] of Object.entries(reasons)) {
      for (const part of [
        'ERR_CONTEXT_BINDING',
        `${path.join(folder, 'build', 'Release')}: cannot be read (${code})`,
        'Let the user',
      ]) {
        assert.ok(message.includes(part), `'${part}' is not in ${message}`);
      }
      assert.ok(!message.includes('To build it'));
    }
  });
});

describe('a process that may not load addons', () => {
  const permission = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
  const flags = {
    '--no-addons': [['--no-addons'], 'Start it without that flag'],
    [permission]: [[permission, '--allow-fs-read=*'], `Node.js runs with ${permission}`, '--allow-addons'],
    'permissions that leave out the package': [
      [
        permission,
        '--allow-addons',
        ...['index.js', 'package.json', 'lib'].map((name) => {
          return `--allow-fs-read=${path.join(root, name)}`;
        }),
      ],
      'cannot be read (ERR_ACCESS_DENIED)',
      `--allow-fs-read=${root}`,
    ],
  };
  for (const [what, [args, ...parts]] of Object.entries(flags)) {
    it(`is told which flag that is: ${what}`, async () => {
      const program = `try { require(${JSON.stringify(root)}); } catch ({ code, message }) { console.log(code, message); }`;
      const { code, stdout, stderr } = await runNode([...args, '-e', program]);
      assert.strictEqual(code, 0, stderr);
      for (const part of ['ERR_CONTEXT_BINDING', ...parts]) assert.ok(stdout.includes(part), `'${part}' is not in ${stdout}`);
      assert.ok(!stdout.includes('To build it'));
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
