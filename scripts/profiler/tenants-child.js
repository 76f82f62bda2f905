'use strict';

/** Profiles the server of tenants.js, writes a file for pprof, and prints the rows by tenant as JSON. */

const fs = require('node:fs');

const { start } = require('context/profiler');

const { serveTenants } = require('./tenants');

async function main(file) {
  const profiling = await start({ labels: ['tenant', 'route'], interval: 0.5 });
  await serveTenants(20);
  const profile = await profiling.stop();
  fs.writeFileSync(file, profile.toPprof());
  console.log(JSON.stringify(profile.by('tenant')));
}

main(process.argv[2]);
