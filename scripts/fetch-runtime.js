'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { fetchInCache } = require('./support/cache');

const suffix = process.platform === 'win32' ? '.exe' : '';

/**
 * Where the npm packages of other runtimes have their binaries: in an optional dependency for each platform. Their install
 * scripts would move them from there.
 */
const runtimes = {
  __proto__: null,
  bun: { request: 'bun@1', scope: '@oven', binary: path.join('bin', `bun${suffix}`) },
  deno: { request: 'deno@2', scope: '@deno', binary: `deno${suffix}` },
};

/**
 * Another runtime than Node.js, from the npm registry. It is kept in `.cache/`.
 *
 * @param {'bun' | 'deno'} name
 * @returns {Promise<string>} the path of its binary
 * @throws {Error} that says what to do if it cannot be fetched
 */
async function fetchRuntime(name) {
  const { request, scope, binary } = runtimes[name];
  return fetchInCache(name, ['--ignore-scripts', request], name, (modules) => {
    const folder = path.join(modules, scope);
    if (!fs.existsSync(folder)) return undefined;
    const binaries = fs.readdirSync(folder).map((platform) => path.join(folder, platform, binary));
    return binaries.find((file) => fs.existsSync(file));
  });
}

module.exports = { fetchRuntime };
