'use strict';

// The program of a project that has installed the package: 100 pieces of work at a time, in two namespaces, which are looked at after
// each of several hops. It prints where the binary was loaded from.
const assert = require('node:assert');

const { createNamespace, engine } = require('context');

for (const name of ['cls', 'domain', 'http']) assert.ok(require(`context/${name}`));

const AT_A_TIME = 100;
const hops = [setImmediate, process.nextTick, queueMicrotask, (callback) => setTimeout(callback, 1)];
const namespaces = [createNamespace('one'), createNamespace('two')];
let right = 0;

const work = (value) =>
  namespaces[0].run(() =>
    namespaces[1].run(async () => {
      for (const namespace of namespaces) namespace.set('value', value);
      for (const hop of hops) {
        await new Promise((resolve) => hop(resolve));
        right += namespaces.filter((namespace) => namespace.get('value') === value).length;
      }
    }),
  );

async function main() {
  // Plug'n'Play has a loader for `import` that is experimental, and makes it only if a package of the project needs that.
  if (process.versions.pnp === undefined) assert.strictEqual((await import('context')).createNamespace, createNamespace);
  await Promise.all(Array.from({ length: AT_A_TIME }, (_, value) => work(value)));
  const binary = Object.keys(require.cache).find((name) => name.endsWith('.node'));
  console.log(`${engine}: ${right} of ${AT_A_TIME * hops.length * namespaces.length} right, ${binary.replaceAll('\\', '/')}`);
}

main();
