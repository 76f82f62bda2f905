'use strict';

const { execFile } = require('node:child_process');
const path = require('node:path');

const { fetchNode } = require('../fetch-node');
const { fetchRuntime } = require('../fetch-runtime');

const root = path.join(__dirname, '..', '..');

/** How long a program may take, in milliseconds. */
const TIMEOUT = 300_000;

/** The permissions that Deno gives a program. */
const ALL = ['--allow-all'];

/** A runtime that programs can be run on. */
class Runtime {
  #binary;
  #flagsFor;

  /**
   * @param {string} name
   * @param {string} binary
   * @param {(permissions: string[]) => string[]} flagsFor what comes before the name of a program
   */
  constructor(name, binary, flagsFor) {
    this.name = name;
    this.#binary = binary;
    this.#flagsFor = flagsFor;
  }

  /**
   * Runs a program in the package's folder.
   *
   * @param {string[]} args the program's file, and what it gets
   * @param {string[]} [permissions] on Deno; all if it is not given
   * @returns {Promise<{ code: number | string, stdout: string, stderr: string }>} the code is a signal if that ended it
   */
  run(args, permissions = ALL) {
    return this.#execute([...this.#flagsFor(permissions), ...args]);
  }

  /** @returns {Promise<string>} its name and its version, for the table */
  async title() {
    const { stdout } = await this.#execute(['--version']);
    return `${this.name} ${/\d+\.\d+\.\d+/.exec(stdout)[0]}`;
  }

  #execute(args) {
    const env = {
      ...process.env,
      CONTEXT_ENGINE: '',
      NO_COLOR: '1',
      DENO_DIR: path.join(root, '.cache', 'deno', 'cache'),
      DENO_NO_UPDATE_CHECK: '1',
    };
    const options = { cwd: root, env, timeout: TIMEOUT, maxBuffer: 2 ** 28 };
    return new Promise((resolve) => {
      execFile(this.#binary, args, options, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : (error.signal ?? error.code), stdout, stderr });
      });
    });
  }
}

/** @returns {Promise<Runtime[]>} Node.js, for comparison, and the others */
async function fetchRuntimes() {
  return [
    new Runtime('Node.js', await fetchNode('24'), () => ['--expose-gc']),
    new Runtime('Bun', await fetchRuntime('bun'), () => ['--expose-gc']),
    new Runtime('Deno', await fetchRuntime('deno'), (permissions) => [
      'run',
      '--no-prompt',
      '--v8-flags=--expose-gc',
      ...permissions,
    ]),
  ];
}

module.exports = { Runtime, fetchRuntimes, root };
