'use strict';

const { once } = require('node:events');
const http = require('node:http');

const autocannon = require('autocannon');

const CONNECTIONS = 10;

/** Sends requests to a local port, for a duration or an amount. Resolves to the response times in milliseconds, ascending. */
async function shoot(port, extent) {
  const options = { url: `http://127.0.0.1:${port}`, connections: CONNECTIONS, sampleInt: 20, ...extent };
  const times = [];
  await new Promise((resolve, reject) => {
    const instance = autocannon(options, (error, { errors, non2xx } = {}) => {
      if (error) reject(error);
      else if (errors > 0 || non2xx > 0) reject(new Error(`${errors + non2xx} of the requests failed`));
      else resolve();
    });
    instance.on('response', (client, status, bytes, time) => times.push(time));
  });
  return times.sort((a, b) => a - b);
}

/** Sends requests to a local port over 20 keep-alive connections. */
async function keepAlive(port, amount) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 20 });
  let left = amount;
  const client = async () => {
    while (left-- > 0) {
      const [response] = await once(http.get({ host: '127.0.0.1', port, agent }), 'response');
      if (response.statusCode !== 200) throw new Error(`A request was answered with ${response.statusCode}`);
      await once(response.resume(), 'end');
    }
  };
  await Promise.all(Array.from({ length: 20 }, client));
  agent.destroy();
}

/** Asks a server of serving.js for its CPU time so far, in microseconds. */
async function cpuOf(server) {
  server.send('cpu');
  const [{ cpu }] = await once(server, 'message');
  return cpu;
}

/**
 * Measures a server in a child process, see serving.js: thousands of requests per second, microseconds of CPU time per request, and the
 * milliseconds in which half and 99 % were answered.
 */
async function load(server, { seconds }) {
  const [{ port }] = await once(server, 'message');
  await shoot(port, { duration: seconds / 3 });
  const before = await cpuOf(server);
  const start = performance.now();
  const times = await shoot(port, { duration: seconds });
  const elapsed = performance.now() - start;
  const cpu = (await cpuOf(server)) - before;
  server.disconnect();
  const [p50, p99] = [0.5, 0.99].map((part) => times[Math.floor(times.length * part)]);
  return { requests: times.length / elapsed, cpu: cpu / times.length, p50, p99 };
}

module.exports = { cpuOf, keepAlive, load, shoot };
