'use strict';

/** What the tools that use tools/clients have in common: its packages and servers, and its programs in processes of their own. */

const { fork } = require('node:child_process');
const path = require('node:path');

const { Servers } = require('../clients/servers');
const { fetchListed } = require('./fetch');
const { root } = require('./run');

const clients = path.join(__dirname, '..', 'clients');

const children = new Set();

/**
 * Runs a program in a process of its own.
 * @param {string} file relative to tools/
 * @param {object} job the program's argument
 * @param {import('node:child_process').ForkOptions} [options]
 * @returns {Promise<object>} the first message of the program; rejects if that has an `error`, or if the program ends without one
 */
function ask(file, job, { env, ...options }) {
  const fullEnv = { ...process.env, NODE_NO_WARNINGS: '1', ...env };
  const child = fork(path.join(__dirname, '..', file), [JSON.stringify(job)], { cwd: root, env: fullEnv, ...options });
  children.add(child);
  let output = '';
  child.stderr?.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve, reject) => {
    child.on('message', (result) => (result.error ? reject(new Error(result.error)) : resolve(result)));
    child.on('exit', (code, signal) => {
      children.delete(child);
      reject(new Error(`${job.name ?? file} ended without a result: ${signal ?? code}\n${output}`.trimEnd()));
    });
  });
}

/**
 * Installs the clients and starts servers, for as long as a function runs. Then, or if a signal ends the tool, stops them and all
 * programs of `ask`.
 * @template T
 * @param {string[]} names of the servers; each is started once
 * @param {(places: { folder: string, ports: Record<string, number> }) => Promise<T>} work gets the folder of the packages, and the
 *   ports of the servers
 * @returns {Promise<T>}
 */
async function withServers(names, work) {
  const folder = await fetchListed('clients', clients);
  const servers = new Servers();
  const stop = async () => {
    for (const child of children) child.kill('SIGKILL');
    await servers.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => stop().finally(() => process.exit(1)));
  try {
    await servers.start([...new Set(names)]);
    return await work({ folder, ports: servers.ports });
  } finally {
    await stop();
  }
}

module.exports = { ask, withServers };
