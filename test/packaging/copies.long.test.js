'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { linesOf, root } = require('../support/child');
const { copyOf, copyPackage, programWith } = require('../support/copy');

const { exports: entryPoints, version } = require('../../package.json');
const [major, minor, patch] = version.split('.').map(Number);
const files = Object.values(entryPoints).flatMap(({ default: file }) => (/index\.js$/.test(file) ? [file.slice(2)] : []));

/** Gives a copy another export. */
function addExport(folder) {
  const file = path.join(folder, 'lib', 'copies.js');
  const text = fs.readFileSync(file, 'utf8');
  assert.ok(text.includes('return { bind,'));
  fs.writeFileSync(file, text.replace('return { bind,', 'return { added: true, bind,'));
}

describe('several copies of the package', () => {
  it('share one engine, whichever entry point is loaded first', async () => {
    const copy = copyPackage();
    for (const first of files) {
      const lines = await linesOf(`
        const [own, copy, files] = ${JSON.stringify([root, copy, files])};
        require(own + '/${first}');
        const exports = files.map((file) => require(copy + '/' + file));
        const loaded = Object.keys(require.cache).filter((path) => path.startsWith(copy));
        console.log(...new Set(files.map((file, index) => require(own + '/' + file) === exports[index])));
        console.log(...loaded.map((path) => require('path').relative(copy, path)).sort());
      `);
      assert.deepStrictEqual(lines, ['true', [...files, 'lib/copies.js', 'package.json'].sort().join(' ')]);
    }
  });

  it('share what the first of them has, if it is of a later version, or of the same minor version', async () => {
    const [samePatch, later] = [`${major}.${minor}.${patch + 5}`, `${major}.${minor + 1}.0`].map((one) =>
      copyOf(one, addExport),
    );
    for (const first of [samePatch, later]) {
      const lines = await linesOf(`${programWith(first, root)} console.log(a === b, b.added);`);
      assert.deepStrictEqual(lines, ['true true', 'warnings']);
    }
    assert.deepStrictEqual(await linesOf(`${programWith(root, samePatch)} console.log(a === b);`), ['true', 'warnings']);
  });

  it('are independent if the first is older: no name is missing from what the newer one exports', async () => {
    const [newer, again] = [0, 7].map((number) => copyOf(`${major}.${minor + 1}.${number}`, addExport));
    const lines = await linesOf(`
      ${programWith(root, newer, again, copyPackage())}
      console.log(a === b, a.added, b.added, c === b, d === a);
      const load = (name) => ${JSON.stringify([root, newer, again])}.map((folder) => require(folder + '/lib/integrations/' + name));
      const kinds = ['cls', 'domain', 'opentelemetry'].map(load);
      console.log(...kinds.map(([one, two, three]) => one !== two && two === three));
      both();
    `);
    const expected = ['false undefined true true true', 'true true true', '1 2', 'warnings CONTEXT_COPIES'];
    assert.deepStrictEqual(lines, expected);
  });

  it('are independent if one of them is a prerelease, and the versions differ', async () => {
    const folders = [1, 2, 1].map((number) => copyOf(`${major}.2.0-rc.${number}`));
    const lines = await linesOf(`${programWith(...folders)} console.log(a === b, a === c); both();`);
    assert.deepStrictEqual(lines, ['false true', '1 2', 'warnings CONTEXT_COPIES']);
  });

  it('may be one that is loaded again, or one that does not load', async () => {
    const broken = copyPackage((folder) => fs.rmSync(path.join(folder, 'build'), { recursive: true }));
    const lines = await linesOf(`
      try { require(${JSON.stringify(broken)}); } catch ({ code }) { console.log(code); }
      ${programWith(root, copyPackage())}
      const load = () => ['', '/cls', '/domain', '/opentelemetry'].map((name) => require('context' + name));
      const first = load();
      for (const path of Object.keys(require.cache)) delete require.cache[path];
      console.log(a === b, ...load().map((exports, index) => exports === first[index]));
      both();
    `);
    assert.deepStrictEqual(lines, ['ERR_CONTEXT_BINDING', 'true true true true true', '1 2', 'warnings']);
  });

  it('may be one whose other entry points are loaded after the cache was emptied: with one engine and its namespaces', async () => {
    const lines = await linesOf(`
      ${programWith(root)}
      const { bind, createNamespace } = a;
      const namespace = createNamespace('kept').expose('id');
      const load = (name) => {
        for (const path of Object.keys(require.cache)) if (!path.includes('@opentelemetry')) delete require.cache[path];
        return require('context/' + name);
      };
      const [usage, watchdog, profiler, http, cls] = ['usage', 'watchdog', 'profiler', 'http', 'cls'].map(load);
      const { ContextManager } = load('opentelemetry');
      const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');
      const domains = require('context/domain');
      const domain = domains.create();
      const session = cls.createNamespace('session');
      const manager = new ContextManager();
      const key = createContextKey('key');
      const log = (which) => {
        console.log(which, namespace.get('id'), session.get('id'), manager.active().getValue(key), domains.active === domain);
      };
      const counting = usage.start({ namespaces: [namespace], keys: ['id'] });
      const watching = watchdog.start({ namespaces: [namespace] });
      console.log(typeof http.middleware(namespace));
      const nobody = namespace.active;
      const context = namespace.createContext({ id: 1 });
      context.run(() => session.run(() => {
        session.set('id', 2);
        manager.with(ROOT_CONTEXT.setValue(key, 3), () => domain.run(() => {
          const bound = bind(log);
          setImmediate(() => log('carried'));
          setImmediate(() => nobody.run(() => bound('bound')));
        }));
      }));
      setTimeout(async () => {
        const idle = counting.by('id').find(({ kind }) => kind === 'idle');
        console.log(counting.of(context).callbacks > 1, idle.loopTime > 0);
        counting.stop();
        watching.stop();
        await (await profiler.start({ keys: ['id'], namespaces: [namespace] })).stop();
      }, 20);
    `);
    assert.deepStrictEqual(lines, ['function', 'carried 1 2 3 true', 'bound 1 2 3 true', 'true true', 'warnings']);
  });

  it('have a manager for OpenTelemetry also if the first copy does not find its API', async () => {
    const alone = copyPackage((folder) => {
      fs.unlinkSync(path.join(folder, 'node_modules'));
      fs.mkdirSync(path.join(folder, 'node_modules'));
    });
    const lines = await linesOf(`
      ${programWith(alone, root)}
      const { ContextManager } = require('context/opentelemetry');
      const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');
      const key = createContextKey('key');
      const manager = new ContextManager();
      manager.with(ROOT_CONTEXT.setValue(key, 'value'), () => setImmediate(() => console.log(manager.active().getValue(key))));
      console.log(a === b);
      both();
    `);
    assert.deepStrictEqual(lines, ['true', 'value', '1 2', 'warnings']);
  });
});
