'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { compile, restore } = require('../../../lib/observing/finder/compile');
const { root } = require('../../support/child');
const { PRELUDE, makeApplication, register, runIn } = require('./application');

/** Expressions whose values must be the same under the finder, in a request and outside. */
const VALUES = [
  `(() => {}).name`,
  `(() => { const f = () => {}; let g = function () {}; let h; h = async () => {}; return [f.name, g.name, h.name, f.length]; })()`,
  `(() => { const o = { a: () => {}, 'b-c': function () {}, [1 + 1]: () => {}, m() {}, get g() { return 1; } }; return Object.entries(o).map(([k, v]) => [k, v.name]); })()`,
  `(({ a = () => {} } = {}) => a.name)()`,
  `(() => { class A { #p = () => {}; f = function () {}; static s = () => {}; n() { return [this.#p.name, this.f.name, A.s.name, this.n.name]; } } return new A().n(); })()`,
  `(() => { const { __proto__: p, ...o } = { ['__proto__']: () => {}, ok: 1 }; return [typeof p, o]; })()`,
  `(function () { return [...arguments, this === undefined, new.target === undefined]; })(1, 2)`,
  `(function (a) { a = 2; return arguments[0]; })(1)`,
  `(function () { 'use strict'; return this === undefined; })()`,
  `new (class B extends (class { constructor(f) { this.f = f; } }) { constructor() { super(() => this); } })().f() instanceof Object`,
  `({ m() { return super.toString === Object.prototype.toString; } }).m()`,
  `((a, b = () => a) => b())(3)`,
  `(() => { label: for (const f of [() => 1, () => 2]) { switch (f()) { case 1: function inner() { return 5; } continue label; default: return [f(), inner()]; } } })()`,
  `(() => { if (true) { function later() { return 7; } } return later(); })()`,
  `(() => { const f = (a) => a + 1; return f.toString() + (class { m(x) { return () => x; } }).toString() + (async (x) => await x) + ({ m() {} }).m + (() => ({})); })()`,
  `(() => { const f = (a) => (b) => a + b; return new Function('return ' + f)()(1)(2); })()`,
  `require('vm').runInNewContext('(' + ((x) => [x].map((y) => y + 1)) + ')(1)')[0]`,
  `Function.prototype.toString.toString().includes('[native code]') && Function.prototype.toString.name + Function.prototype.toString.length`,
  `(() => { try { Function.prototype.toString.call({}); } catch (e) { return e instanceof TypeError; } })()`,
  `(function* (a, a) { yield a; })(1, 2).next().value`,
  `[...(function* (n) { for (let i = 0; i < n; i++) { const got = yield i; if (got) return got; } })(3)]`,
  `(function* (a, b) {}).length + [...(function* () { yield* [1, 2]; yield arguments.length; })(1)].join()`,
  `(async () => { const out = []; for await (const x of (async function* () { yield 1; await null; yield 2; })()) out.push(x); return out; })()`,
  `(async (x) => ({ x, y: await x }))(4)`,
  `(async () => (await null, await Promise.all([1, (async () => 2)()])))()`,
  `(() => { const set = new Set(); const keep = [read, each]; for (const f of keep) set.add(f); return [set.has(read), keep.includes(each), keep.indexOf(each), new Map([[read, 1]]).get(read)]; })()`,
  `(() => { const m = new Map(); m.set(read, 1); return [m.get(read), m.has(read), m.delete(read), m.size]; })()`,
  `(() => { function Thing() { this.a = 1; } Thing.prototype.b = 2; const make = (T) => new T(); return [make(Thing).b, make(Date) instanceof Date]; })()`,
  `(() => { const frozen = Object.freeze({ f: Object.freeze(() => 1) }); const call = ({ f }) => f(); return [call(frozen), Reflect.ownKeys(frozen.f).sort(), Object.isFrozen(frozen)]; })()`,
  `(() => { const { proxy, revoke } = Proxy.revocable([], {}); revoke(); return ((x) => typeof x)(proxy); })()`,
  `(() => { const seen = []; const p = new Proxy({}, { get: (t, k) => seen.push(String(k)), has: (t, k) => seen.push(String(k)) }); ((x) => x)(p); String.call(null, [p].length); return seen; })()`,
  `((a, b, c, d, e, f, g, h) => [a, h].join())(1, 2, 3, 4, 5, 6, 7, 8)`,
  `(() => { const off = []; const e = new (require('events'))(); e.on('x', read); e.off('x', read); off.push(e.listenerCount('x')); return off; })()`,
  `(() => { let count = 0; const o = { get q() { count++; return []; } }; o.q.push(read); return count; })()`,
  `Object.keys(globalThis).filter((key) => /finder/i.test(key))`,
  `(() => { let depth = 0; const go = () => { depth++; go(); }; try { go(); } catch (e) { return [e instanceof RangeError, depth > 500]; } })()`,
  `(() => { Error.prepareStackTrace = () => 'mine'; const s = new Error().stack; delete Error.prepareStackTrace; return s; })()`,
  `new Error('x').stack.split('\\n')[1].replace(/^.*?:(\\d+):\\d+.*$/, '$1')`,
];

const program = `${PRELUDE}
(async () => {
  const all = [${VALUES.map((text) => `\n() => ${text}`).join(',')}\n];
  const show = async (call) => { try { return JSON.stringify(await call()) ?? 'undefined'; } catch (e) { return String(e); } };
  for (const call of all) console.log(await show(call), '\\n', await request.createContext({ id: 1 }).run(() => show(call)));
})();`;

describe('the compiler of context/finder', () => {
  it('changes no value, name, text or line of a program', async () => {
    const folder = makeApplication({ 'values.js': program });
    const [plain, found] = await Promise.all([
      runIn(folder, ['values.js']),
      runIn(folder, ['--require', register, 'values.js'], { CONTEXT_FINDER: 'carriers,all' }),
    ]);
    assert.strictEqual(plain.code, 0, plain.stderr);
    assert.strictEqual(plain.stdout.trimEnd().split('\n').length, 2 * VALUES.length);
    assert.deepStrictEqual(found.stdout.split('\n'), plain.stdout.split('\n'));
    assert.ok(!found.stderr.includes('not compiled'), found.stderr);
  });

  it('can be undone, and keeps the lines: the sources of this package', () => {
    const files = fs.readdirSync(path.join(root, 'lib'), { recursive: true }).map((file) => path.join(root, 'lib', file));
    const sources = files.filter((file) => /\.(js|mjs)$/.test(file) && !file.includes(path.join('observing', 'finder')));
    assert.ok(sources.length > 80, `${sources.length}`);
    for (const file of sources) {
      const source = fs.readFileSync(file, 'utf8');
      const { code } = compile(source, { isModule: file.endsWith('.mjs'), first: 1 });
      assert.ok(restore(code) === source && code.split('\n').length === source.split('\n').length, file);
    }
  });
});
