'use strict';

const assert = require('node:assert');
const { fork } = require('node:child_process');
const { once } = require('node:events');
const http = require('node:http');
const net = require('node:net');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const { root } = require('../../support/child');
const { CONCURRENCY, ask, askAndAbort, pipelined, textOf } = require('./client');

/** How many requests each application gets. `FRAMEWORK_REQUESTS=100000 npx mocha test/integrations/http/agent.long.test.js` for more. */
const REQUESTS = Number(process.env.FRAMEWORK_REQUESTS ?? 3000);

const programs = path.join(__dirname, 'programs');

/** Ten requests at once over a connection of their own: the ids that come back, in order. */
async function askPipelined(port, ids) {
  const socket = net.connect(port, '127.0.0.1');
  const last = `GET / HTTP/1.1\r\nHost: a\r\nX-Id: ${ids.at(-1)}\r\nConnection: close\r\n\r\n`;
  socket.write(pipelined(ids.slice(0, -1)) + last);
  const answer = await textOf(socket);
  return ids.filter((id) => answer.includes(id));
}

/** One of many requests: in turn read, written, aborted, pipelined. Returns how many it was, and how many came back right. */
async function askOne(port, number, agent) {
  const id = `<${number}>`;
  const kind = number % 10;
  if (kind === 0) {
    await askAndAbort(port, '/hangs', id);
    return [1, 1];
  }
  if (kind === 1) {
    const ids = Array.from({ length: 10 }, (_, index) => `<${number}.${index}>`);
    return [ids.length, (await askPipelined(port, ids)).length];
  }
  if (kind === 2 || kind === 3) {
    const headers = { 'content-type': 'application/json' };
    const { text } = await ask(port, '/', id, { agent, headers, body: JSON.stringify({ id, padding: 'x'.repeat(5000) }) });
    const { id: seen, body } = JSON.parse(text);
    return [1, seen === id && body === id ? 1 : 0];
  }
  const { text } = await ask(port, '/', id, { agent });
  return [1, text === id ? 1 : 0];
}

describe('an application without a change, with the agent of docs/http.md', () => {
  for (const name of ['express', 'fastify']) {
    it(`keeps all requests apart, and ends each once: ${name}`, async function () {
      this.timeout(60_000 + REQUESTS * 10);
      const agentFile = pathToFileURL(path.join(programs, 'agent.mjs')).href;
      const child = fork(path.join(programs, 'application.js'), [name], {
        cwd: root,
        execArgv: [...process.execArgv, '--import', agentFile],
      });
      const [port] = await once(child, 'message');
      const agent = new http.Agent({ keepAlive: true, maxSockets: CONCURRENCY });
      let [sent, right, next] = [0, 0, 0];
      const worker = async () => {
        while (sent < REQUESTS) {
          const [asked, answered] = await askOne(port, next++, agent);
          sent += asked;
          right += answered;
        }
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, worker));
      assert.strictEqual(right, sent);
      agent.destroy();
      let counts;
      do {
        child.send('counts');
        [counts] = await once(child, 'message');
      } while (counts.ended < counts.begun);
      assert.deepStrictEqual(counts, { begun: sent, ended: sent, lost: 0 });
      child.kill();
      await once(child, 'exit');
    });
  }
});
