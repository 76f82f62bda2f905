'use strict';

/** What the servers of these programs have in common. */

/** Takes time, in milliseconds. */
function burn(ms) {
  const end = performance.now() + ms;
  let sum = 0;
  while (performance.now() < end) sum += Math.sqrt(sum + 1);
  return sum;
}

function dear() {
  return burn(30);
}

function cheap() {
  return burn(3);
}

/** Sends requests to both routes, some at a time. */
async function send(port) {
  const get = async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  for (let id = 0; id < 20; id++) await Promise.all([get(`/dear/${id}?q=${id}`), get('/cheap'), get('/cheap')]);
}

/** Sends requests, says `ready`, and closes the server, unless an argument says that it is to stay. */
async function sendAndClose(server, port) {
  await send(port);
  console.log('ready');
  if (process.argv.includes('stay')) return;
  server.close();
  server.closeAllConnections?.();
}

module.exports = { cheap, dear, sendAndClose };
