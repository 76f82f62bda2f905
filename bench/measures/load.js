'use strict';

const { once } = require('node:events');

const autocannon = require('autocannon');

const CONNECTIONS = 10;

/** Sends requests for some seconds. Resolves to the response times, in milliseconds and ascending. */
async function shoot(port, seconds) {
  const options = { url: `http://127.0.0.1:${port}`, connections: CONNECTIONS, duration: seconds, sampleInt: 20 };
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

async function ask(server) {
  server.send('cpu');
  const [{ cpu }] = await once(server, 'message');
  return cpu;
}

/**
 * Measures a server that serves in a child process, from this one.
 *
 * @param {import('node:child_process').ChildProcess} server see server.js
 * @param {{ seconds: number }} effort
 * @returns {Promise<{ requests: number, cpu: number, p50: number, p99: number }>} thousands of requests a second, the
 *   server's microseconds of CPU time a request, and the milliseconds in which half and 99 of 100 were answered
 */
async function load(server, { seconds }) {
  const [{ port }] = await once(server, 'message');
  await shoot(port, seconds / 3);
  const before = await ask(server);
  const start = performance.now();
  const times = await shoot(port, seconds);
  const elapsed = performance.now() - start;
  const cpu = (await ask(server)) - before;
  server.disconnect();
  return {
    requests: times.length / elapsed,
    cpu: cpu / times.length,
    p50: times[Math.floor(times.length * 0.5)],
    p99: times[Math.floor(times.length * 0.99)],
  };
}

module.exports = { load };
