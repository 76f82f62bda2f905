'use strict';

const assert = require('node:assert');

const { linesOf } = require('../../support/child');

/** Sends 100,000 requests with a timeout. Prints the memory in MB after 10,000 and at the end, what is left of timers, and the ends. */
const PROGRAM = `
  const http = require('http');
  const net = require('net');
  const { setImmediate: nextTurn } = require('timers/promises');
  const namespace = require('context').createNamespace('timeouts');
  let ended = 0;
  const init = (context) => context.on('end', (outcome) => (ended += outcome === undefined ? 1 : 1e6));
  require('context/http').instrument(namespace, { init, timeout: 1e9 });
  const server = http.createServer((request, response) => {
    namespace.signal.addEventListener('abort', () => {});
    response.end('done');
  });
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const used = async () => {
    for (let round = 0; round < 5; round++) {
      await nextTurn();
      gc();
    }
    return process.memoryUsage().heapUsed / 2 ** 20;
  };
  server.listen(0, '127.0.0.1', async () => {
    const socket = net.connect(server.address().port, '127.0.0.1').resume();
    const before = timers();
    const figures = [];
    for (let sent = 0; sent <= 100000; sent += 100) {
      if (sent === 10000 || sent === 100000) figures.push(await used());
      if (sent === 100000) break;
      socket.write('GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n'.repeat(100));
      while (ended < sent + 100) await nextTurn();
    }
    console.log(...figures, timers() - before, ended);
    process.exit();
  });`;

describe('100,000 requests with a timeout', () => {
  it('leave no memory and no timer', async () => {
    const [before, after, timers, ended] = (await linesOf(PROGRAM))[0].split(' ').map(Number);
    // A request that stayed would be some kilobytes: more than 100 MB.
    assert.ok(after - before < 5, `${before} MB, then ${after}`);
    // At most that of the idle connection.
    assert.ok(timers <= 1 && ended === 100_000, `${timers} timers, ${ended} ends`);
  }).timeout(120_000);
});
