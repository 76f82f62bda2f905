'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { HOST, Servers } = require('../../../tools/clients/servers');
const { fetchListed } = require('../../../tools/support/fetch');
const { root, runNode } = require('../../support/child');
const { snippetsOf } = require('../../support/snippets');
const { needsUnits } = require('./needs');

describe('the programs of units of work that need packages and servers', () => {
  const servers = new Servers();
  let folder;

  before(async function () {
    this.timeout(300_000);
    folder = await fetchListed('units', __dirname);
    const link = path.join(folder, 'node_modules', 'context');
    if (!fs.existsSync(link)) fs.symlinkSync(root, link, 'junction');
    await servers.start(['redis', 'postgres', 'rabbitmq']);
  });
  after(() => servers.stop());

  for (const page of ['docs/jobs.md', 'docs/workers.md', 'docs/cancellation.md']) {
    for (const { line, program, output } of snippetsOf(page).filter((snippet) => needsUnits(snippet.program))) {
      it(`run and print what is printed there: ${page}, line ${line}`, async () => {
        const { ports } = servers;
        const env = { REDIS_PORT: ports.redis, AMQP_URL: `amqp://${HOST}:${ports.rabbitmq}`, NODE_NO_WARNINGS: '1' };
        const postgres = { PGHOST: HOST, PGPORT: ports.postgres, PGUSER: 'postgres', PGDATABASE: 'postgres' };
        const file = path.join(folder, `program-${path.basename(page, '.md')}-${line}.js`);
        fs.writeFileSync(file, program);
        const { code, stdout, stderr } = await runNode([file], { ...env, ...postgres });
        assert.strictEqual(code, 0, stderr);
        assert.strictEqual(stdout, output);
      });
    }
  }
});
