'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const { root } = require('../../support/child');
const { PRELUDE, command, makeApplication, register, runIn } = require('./application');

const bin = (name, file) => path.join(root, 'node_modules', name, 'bin', file);
const LINE = PRELUDE.split('\n').length;

const QUERY = `lib.query('x', () => { resolve(read()); })`;
const TEST = `${PRELUDE}it('queries', async () => {
  await Promise.all(each(() => new Promise((resolve) => ${QUERY})));
});`;

/** A class as that of nestjs-cls: a copy of the store around for each run. */
const CLS = `${PRELUDE}
class Cls {
  run(work) { return storage.run({ ...storage.getStore() }, work); }
  get(key) { return storage.getStore()?.[key]; }
}
const cls = new Cls();
each(() => cls.run(() => lib.query('x', () => { cls.get('id'); })));
each(() => cls.run(() => lib.query('x', AsyncLocalStorage.bind(() => { cls.get('id'); }))));`;

/** OpenTelemetry's own manager: \`active()\` is a read. */
const TELEMETRY = `
const lib = require('lib');
const load = require('node:module').createRequire(${JSON.stringify(path.join(root, 'package.json'))});
const { context, trace, createContextKey } = load('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = load('@opentelemetry/context-async-hooks');
const { NodeTracerProvider } = load('@opentelemetry/sdk-trace-node');
new NodeTracerProvider().register({ contextManager: new AsyncLocalStorageContextManager() });
const tracer = trace.getTracer('test');
const read = () => tracer.startSpan('rows').end();
for (const id of [1, 2, 3]) {
  tracer.startActiveSpan('request', () => {
    lib.query('x', () => { read(); });
    lib.query('x', context.bind(context.active(), () => { read(); }));
    tracer.startActiveSpan('inner', () => lib.now(() => { read(); }));
    lib.query('x', () => {});
  });
}`;

/** A loader that the program registers, in the thread of which its code runs too. */
const LOADING = {
  'start.mjs': `import { register } from 'node:module'; register('./hooks.mjs', import.meta.url);`,
  'hooks.mjs': `export async function load(url, context, next) {
  const loaded = await next(url, context);
  return url.endsWith('main.mjs') ? { ...loaded, source: String(loaded.source).replace('LOOK', 'lib.query') } : loaded;
}`,
  'main.mjs': `import lib from 'lib'; import { createNamespace } from 'context'; const request = createNamespace('request');
for (const id of [1, 2]) request.createContext({ id }).run(() => LOOK('x', () => { request.get('id'); }));`,
};

/** A server whose requests get their callbacks together, in the context of the last one. */
const WEB = (framework) => `${PRELUDE}
const load = require('node:module').createRequire(${JSON.stringify(path.join(root, 'package.json'))});
const http = require('node:http');
const { instrument } = require('context/http');
instrument(request, { init: (active) => active.set('id', Math.random()) });
const answer = (send) => { lib.together(3, () => { send(String(read())); }); };
const apps = {
  express() { const app = load('express')(); app.get('/', (req, res) => answer((text) => res.end(text))); return app; },
  koa() { const app = new (load('koa'))(); app.use((ctx) => new Promise((resolve) => answer((text) => { ctx.body = text; resolve(); }))); return app.callback(); },
};
const server = http.createServer(apps['${framework}']()).listen(0, '127.0.0.1', async () => {
  const get = async () => (await fetch('http://127.0.0.1:' + server.address().port)).text();
  console.log(new Set(await Promise.all([get(), get(), get()])).size < 3);
  server.close();
  server.closeAllConnections();
});`;

/** Programs, how they are run, and what is found: where, and in which API. */
const PROGRAMS = [
  [
    'mocha',
    { 'a.test.js': TEST },
    [bin('mocha', 'mocha.js'), '--no-config', 'a.test.js'],
    `callback of lib.query at a.test.js:${LINE + 1}:`,
  ],
  [
    'jest',
    { 'a.test.js': TEST, 'package.json': '{}' },
    [bin('jest', 'jest.js'), '--rootDir=.'],
    `callback of lib.query at a.test.js:${LINE + 1}:`,
  ],
  [
    'node:test',
    { 'a.test.cjs': `const { it } = require('node:test');${TEST}` },
    ['--test', 'a.test.cjs'],
    `callback of lib.query at a.test.cjs:${LINE + 1}:`,
  ],
  ['a loader', LOADING, ['--import', './start.mjs', 'main.mjs'], 'callback of lib.query at main.mjs:2:'],
  ['a class of stores', { 'cls.js': CLS }, ['cls.js'], `callback of lib.query at cls.js:${LINE + 6}:`, 'als'],
  ['OpenTelemetry', { 'tracing.js': TELEMETRY }, ['tracing.js'], 'callback of lib.query at tracing.js:12:', 'als'],
  ['express', { 'web.js': WEB('express') }, ['web.js'], `callback of lib.together at web.js:${LINE + 5}:`],
  ['koa', { 'web.js': WEB('koa') }, ['web.js'], `callback of lib.together at web.js:${LINE + 5}:`],
];
if (typeof Module.stripTypeScriptTypes === 'function' && process.features.typescript) {
  const typed = (imports) => `${imports}
interface Row { id: number }
type Wide = {
  text: string;
};
const request = createNamespace('request');
for (const id of [1, 2] as number[]) request.createContext({ id }).run(() => {
  lib.query('x', (error: Error, rows: Row[]) => { request.get('id' as string); });
});`;
  const require = `const lib = require('lib'); const { createNamespace } = require('context');`;
  const imports = `import lib from 'lib'; import { createNamespace } from 'context';`;
  PROGRAMS.push(['TypeScript', { 'a.cts': typed(require) }, ['a.cts'], 'callback of lib.query at a.cts:8:18']);
  PROGRAMS.push(['modules of TypeScript', { 'a.mts': typed(imports) }, ['a.mts'], 'callback of lib.query at a.mts:8:18']);
}

describe('context/finder with other tools', () => {
  for (const [name, files, args, expected, words = ''] of PROGRAMS) {
    it(`finds one place: ${name}`, async () => {
      const folder = makeApplication(files);
      const { code, stdout, stderr } = await runIn(folder, ['--require', register, ...args], { CONTEXT_FINDER: words });
      const output = stdout + stderr;
      assert.strictEqual(code, 0, output);
      assert.ok(output.includes(expected), output);
      assert.strictEqual(output.split(/passed in/).length, 2, output);
    });
  }

  it('finds in the workers of jest, and places by a source map', async () => {
    const map = { version: 3, sources: ['../src/a.ts'], names: [], mappings: `${';'.repeat(LINE - 1)}AAUA` };
    const url = `data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`;
    const files = { 'a.test.js': TEST, 'b.test.js': TEST, 'package.json': '{}' };
    const folder = makeApplication({
      ...files,
      'mapped.js': `${PRELUDE}each(() => lib.query('x', () => read()));\n//# sourceMappingURL=${url}`,
    });
    const [jest, mapped] = await Promise.all([
      runIn(folder, [command, '--fail', bin('jest', 'jest.js'), '--rootDir=.', '--maxWorkers=2']),
      runIn(folder, [command, 'mapped.js']),
    ]);
    assert.match(jest.stderr, /context-find: 2 places lose their context/);
    assert.strictEqual(jest.code, 1);
    assert.match(mapped.stderr, /callback of lib\.query at \.\.\/src\/a\.ts:11:1\n/);
  });

  it('knows packages by the paths of pnpm, and compiles those that are included', async () => {
    const folder = makeApplication();
    const modules = path.join(folder, 'node_modules');
    const stored = path.join(modules, '.pnpm', 'lib@1.0.0', 'node_modules', 'lib');
    fs.mkdirSync(path.dirname(stored), { recursive: true });
    fs.renameSync(path.join(modules, 'lib'), stored);
    fs.symlinkSync(stored, path.join(modules, 'lib'), 'junction');
    fs.mkdirSync(path.join(modules, '@scope', 'orm'), { recursive: true });
    fs.writeFileSync(
      path.join(modules, '@scope', 'orm', 'index.js'),
      `const lib = require('lib');\nexports.find = (read) => lib.query('x', () => { read(); });`,
    );
    fs.writeFileSync(
      path.join(folder, 'main.js'),
      `${PRELUDE}const { find } = require('@scope/orm'); each(() => find(bind(read))); each(() => find(() => read()));`,
    );
    const [plain, included] = await Promise.all([
      runIn(folder, [command, 'main.js']),
      runIn(folder, [command, '--include', '@scope/orm', 'main.js']),
    ]);
    assert.match(plain.stderr, /callback of find at main\.js:.*\n.*\n {2}called by @scope\/orm/);
    assert.match(
      included.stderr,
      /callback of lib\.query at node_modules\/@scope\/orm\/index\.js:2:.*\n.*\n {2}called by lib \(/,
    );
  });
});
