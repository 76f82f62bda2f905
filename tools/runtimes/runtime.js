'use strict';

const path = require('node:path');

const { fetchNode, fetchRuntime } = require('../support/fetch');
const { root, run } = require('../support/run');

/** The timeout of a program, in milliseconds. */
const TIMEOUT = 600_000;

const programs = path.join('tools', 'runtimes', 'programs.js');

/** Creates a runtime. `flagsFor` returns the arguments before a file's name; permissions are for Deno. */
function runtimeOf(name, binary, flagsFor) {
  const cache = path.join(root, '.cache', 'deno', 'cache');
  const env = { ...process.env, CONTEXT_ENGINE: '', NO_COLOR: '1', DENO_DIR: cache, DENO_NO_UPDATE_CHECK: '1' };
  const execute = (args) => run(binary, args, { env, timeout: TIMEOUT });
  const runFile = (args, permissions = ['--allow-all']) => execute([...flagsFor(permissions), ...args]);
  return {
    name,
    /** Runs a file in the package's folder, by default with all permissions. See `run`. */
    run: runFile,
    /** Runs one of programs.js. */
    runProgram: (args, permissions) => runFile([programs, ...args], permissions),
    /** Resolves to its name and version. */
    title: async () => `${name} ${/\d+\.\d+\.\d+/.exec((await execute(['--version'])).stdout)[0]}`,
  };
}

/** Fetches Node.js, for comparison, Bun and Deno. */
async function fetchRuntimes() {
  const denoFlags = (permissions) => ['run', '--no-prompt', '--v8-flags=--expose-gc', ...permissions];
  return [
    runtimeOf('Node.js', await fetchNode('24'), () => ['--expose-gc']),
    runtimeOf('Bun', await fetchRuntime('bun'), () => ['--expose-gc']),
    runtimeOf('Deno', await fetchRuntime('deno'), denoFlags),
  ];
}

module.exports = { fetchRuntimes };
