'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const { root, runNode } = require('../../support/child');
const { assertTransactions } = require('./transactions');

const agent = path.join(__dirname, 'agent.mjs');

/** Applications that know nothing of contexts but for a log, and clients of them. Prints how many requests each has served and ended. */
const PROGRAM = `
  const http = require('http');
  const { getNamespace } = require('context');
  const { ask, askAndAbort } = require('./test/integrations/http/client');
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  let [begun, ended] = [0, 0];

  /** Code that notes which request it serves. */
  const note = () => {
    const { active } = getNamespace('request');
    begun++;
    active.on('end', () => ended++);
    return active.get('id');
  };

  const applications = {
    express() {
      const express = require('express');
      const app = express();
      app.get('/', async (request, response) => response.end(await turn().then(note)));
      app.post('/', express.json(), (request, response) => setImmediate(() => response.end(note() + request.body.length)));
      app.get('/hangs', (request, response) => response.write(note()));
      return http.createServer(app);
    },
    async fastify() {
      const app = require('fastify')();
      app.get('/', () => turn().then(note));
      app.post('/', async (request) => turn().then(() => note() + request.body.length));
      app.get('/hangs', (request, reply) => reply.hijack().raw.write(note()));
      await app.ready();
      return app.server;
    },
  };

  const askOne = async (port, id, agent) => {
    const headers = { 'x-request-id': id, 'content-type': 'application/json' };
    const posted = await ask(port, '/', id, { agent, headers, body: JSON.stringify(new Array(5000).fill(id)) });
    const { text } = await ask(port, '/', id, { agent, headers });
    await askAndAbort(port, '/hangs', id);
    return posted.text === id + 5000 && text === id;
  };

  (async () => {
    for (const [name, make] of Object.entries(applications)) {
      [begun, ended] = [0, 0];
      const server = await make();
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      const agent = new http.Agent({ keepAlive: true, maxSockets: 10 });
      const ids = Array.from({ length: 100 }, (_, index) => 'id-' + index);
      const right = await Promise.all(ids.map((id) => askOne(server.address().port, id, agent)));
      agent.destroy();
      while (ended < begun) await turn();
      console.log(name, right.filter(Boolean).length, begun, ended);
    }
    process.exit();
  })();
`;

describe('an application without a change, with the agent of docs/http.md', () => {
  it('keeps all requests apart, and ends each once', async () => {
    const page = fs.readFileSync(path.join(root, 'docs', 'http.md'), 'utf8');
    assert.ok(page.includes(`\`\`\`js\n${fs.readFileSync(agent, 'utf8')}\`\`\`\n`));
    const { code, stdout, stderr } = await runNode(['--import', pathToFileURL(agent).href, '-e', PROGRAM]);
    assert.deepStrictEqual([code, stdout], [0, 'express 100 300 300\nfastify 100 300 300\n'], stderr);
  });
});

describe('the agent of docs/agents.md', () => {
  it('prints a right line for each request', () => assertTransactions('express', 15, 3));
});
