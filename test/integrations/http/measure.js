'use strict';

/** Measures a subject in a framework: prints how often the id was the request's own at each step, as JSON. */

const { once } = require('node:events');

const { askOften, requests } = require('./client');
const { frameworks } = require('./frameworks');
const { Probe } = require('./probe');
const { subjects } = require('./subjects');

async function main([framework, subject]) {
  const started = subjects[subject](framework);
  if (started === undefined) {
    console.log('null');
    return;
  }
  const probe = new Probe(started.idNow);
  const server = await frameworks[framework]({ install: started.install, probe });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A framework answers 404 to a route that it does not have: then nothing but what is common to all is looked at.
  for (const route of Object.keys(requests)) {
    if (route === '/hangs' || !has(framework, route)) continue;
    await askOften(server.address().port, route);
  }
  await askOften(server.address().port, '/hangs');
  // Until what comes after the last response has come, too.
  await new Promise((resolve) => setTimeout(resolve, 100));
  console.log(JSON.stringify(probe.results));
  process.exit();
}

/** Whether a framework has a route; see frameworks.js. */
function has(framework, route) {
  if (route === '/iterated') return framework === 'http';
  if (route === '/multipart') return framework !== 'http' && framework !== 'nest';
  return route !== '/fails' || framework !== 'http';
}

main(process.argv.slice(2));
