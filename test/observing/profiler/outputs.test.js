'use strict';

const assert = require('node:assert');
const path = require('node:path');

const { createNamespace, destroyNamespace } = require('context');

const { outputOf } = require('../programs');
const { burn, startSampling } = require('./burn');
const { decode } = require('./command');

/** Work of two routes, one much more than the other, and nobody's work. */
const work = {
  cheap: () => burn(150),
  dear: () => burn(1500),
  dearOfNobody: () => burn(150),
  nobodys: () => burn(150),
};

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

describe('A profile', () => {
  let profile;

  async function profileWork() {
    const namespace = createNamespace('outputs');
    const profiling = await startSampling({ keys: ['route', 'tenant'], interval: 0.5 });
    namespace.createContext({ route: '/cheap', tenant: 'acme' }).run(work.cheap);
    namespace.createContext({ route: '/dear', tenant: 'acme' }).run(work.dear);
    namespace.createContext({ route: '/dear' }).run(work.dearOfNobody);
    work.nobodys();
    await new Promise((resolve) => setTimeout(resolve, 100));
    destroyNamespace('outputs');
    return profiling.stop();
  }

  before(async function () {
    this.timeout(60_000);
    // V8's thread may get no processor during the whole wait: then there is no sample of it.
    const hasIdle = ({ nodes }) => nodes.some(({ callFrame }) => callFrame.functionName === '(idle)');
    for (let tries = 0; tries < 5 && !(profile && hasIdle(profile.toCpuProfile())); tries++) profile = await profileWork();
  });

  it('has rows by the value of a label', () => {
    const rows = profile.by('route');
    assert.strictEqual(rows[0].value, '/dear');
    assert.deepStrictEqual(new Set(rows.map(({ value }) => value)), new Set(['/dear', '/cheap', undefined]));
    const total = sum(rows.map(({ time }) => time));
    for (const { time, share, samples } of rows) assert.ok(Math.abs(share - time / total) < 1e-9 && samples > 0);
    assert.ok(Math.abs(sum(rows.map(({ share }) => share)) - 1) < 1e-9);
    // The loop has waited, too.
    assert.ok(total < profile.duration, `${total} of ${profile.duration}`);
    assert.deepStrictEqual(profile.by('tenant')[0].value, 'acme');
    assert.ok(profile.startedAt instanceof Date);
  });

  it('knows no rows by another label', () => {
    assert.throws(() => profile.by('rout'), { code: 'ERR_INVALID_ARG_VALUE', message: /\(route, tenant\), but it is 'rout'/ });
    assert.throws(() => profile.by({}), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => profile.by(Symbol('route')), { code: 'ERR_INVALID_ARG_VALUE' });
  });

  it('is a pprof, with labels at each sample', () => {
    const { pprof, samples, types } = decode(profile.toPprof());
    assert.deepStrictEqual(types, ['samples/count', 'time/nanoseconds']);
    assert.strictEqual(Number(pprof.period), 500_000);
    assert.strictEqual(Math.round(Number(pprof.durationNanos) / 1e6), Math.round(profile.duration));
    assert.strictEqual(Number(pprof.timeNanos / 1_000_000n), profile.startedAt.getTime());
    const ofDear = samples.filter(({ stack }) => stack.includes('dear'));
    assert.ok(ofDear.length > 0);
    for (const { files, labels } of ofDear) {
      assert.deepStrictEqual(labels, { route: '/dear', tenant: 'acme' });
      assert.ok(files.includes(path.join(__dirname, 'burn.js')) || files.includes(__filename), files.join());
    }
    const labelsOf = (name) => samples.filter(({ stack }) => stack.includes(name)).map(({ labels }) => labels);
    for (const labels of labelsOf('dearOfNobody')) assert.deepStrictEqual(labels, { route: '/dear' });
    for (const labels of labelsOf('nobodys')) assert.deepStrictEqual(labels, {});
    assert.ok(samples.every(({ stack }) => !stack.includes('(idle)') && !stack.includes('(root)')));
    // They add up to the rows.
    for (const { value, samples: count, time } of profile.by('route')) {
      const own = samples.filter(({ labels }) => labels.route === value);
      assert.strictEqual(sum(own.map((sample) => sample.value[0])), count);
      assert.ok(Math.abs(sum(own.map((sample) => sample.value[1])) / 1e6 - time) < 0.01);
    }
  });

  it('is a pprof whose stacks begin with the labels', () => {
    const { samples } = decode(profile.toPprof({ labelsAtRoot: true }));
    for (const { stack, labels } of samples) {
      const expected = ['route', 'tenant'].filter((key) => key in labels).map((key) => `${key}: ${labels[key]}`);
      assert.deepStrictEqual(stack.slice(0, expected.length), expected);
    }
    assert.ok(samples.some(({ stack }) => stack.slice(0, 2).join() === 'route: /dear,tenant: acme' && stack.includes('dear')));
  });

  for (const labelsAtRoot of [false, true]) {
    it(`is a .cpuprofile ${labelsAtRoot ? 'whose stacks begin with the labels' : 'as V8 makes it'}`, () => {
      const file = JSON.parse([...profile.cpuProfileChunks({ labelsAtRoot })].join(''));
      assert.deepStrictEqual(file, profile.toCpuProfile({ labelsAtRoot }));
      const { nodes, startTime, endTime, samples, timeDeltas } = file;
      assert.strictEqual(samples.length, profile.sampleCount);
      assert.strictEqual(samples.length, timeDeltas.length);
      assert.ok(timeDeltas.every((delta) => delta >= 0));
      assert.ok(startTime + sum(timeDeltas) <= endTime);
      assert.strictEqual(nodes[0].callFrame.functionName, '(root)');
      // A tree: each node but the root is the child of one.
      const children = nodes.flatMap((node) => node.children);
      assert.deepStrictEqual(children.sort((a, b) => a - b), nodes.slice(1).map(({ id }) => id)); // prettier-ignore
      const hits = new Map();
      for (const id of samples) hits.set(id, (hits.get(id) ?? 0) + 1);
      for (const { id, hitCount } of nodes) assert.strictEqual(hitCount, hits.get(id) ?? 0);
      const byId = new Map(nodes.map((node) => [node.id, node]));
      const top = nodes[0].children.map((id) => byId.get(id).callFrame.functionName);
      assert.ok(top.includes('(idle)'), top.join());
      assert.strictEqual(top.includes('route: /dear'), labelsAtRoot);
      const dear = nodes.filter(({ callFrame }) => callFrame.functionName === 'dear');
      assert.ok(dear.length > 0 && dear.every(({ callFrame }) => callFrame.url.endsWith('outputs.test.js')));
    });
  }

  it('refuses outputs with wrong options', () => {
    for (const output of ['toPprof', 'toCpuProfile', 'cpuProfileChunks']) {
      assert.throws(() => profile[output]({ labelsAtRoot: 'yes' }), { code: 'ERR_INVALID_ARG_TYPE', message: /labelsAtRoot/ });
      assert.throws(() => profile[output](null), { code: 'ERR_INVALID_ARG_TYPE' });
    }
  });

  it('names the package that is missing for a pprof', async () => {
    const stdout = await outputOf(`
      const Module = require('node:module');
      const { _resolveFilename } = Module;
      Module._resolveFilename = function (name, ...rest) {
        if (name === 'pprof-format') throw Object.assign(new Error('Cannot find it'), { code: 'MODULE_NOT_FOUND' });
        return _resolveFilename.call(this, name, ...rest);
      };
      require('context/profiler').start({ keys: [] }).then((profiling) => profiling.stop()).then((profile) => {
        try { profile.toPprof(); } catch ({ code, message }) { console.log(code, message); }
      });
    `);
    assert.match(stdout, /^ERR_CONTEXT_PPROF .*npm install pprof-format/);
  });
});
