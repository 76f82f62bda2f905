'use strict';

const { once } = require('node:events');

/** Makes rows of a kind: `(api, ask)`, `(api, 'bind', ask)` or `(api, { by, instrumented, code }, ask)`. See cases/index.js. */
const rowOf =
  (kind) =>
  (api, ...rest) => {
    const ask = rest.pop();
    const [more = {}] = rest;
    return { kind, api, ask, code: [ask], ...(typeof more === 'string' ? { by: more } : more) };
  };

/** Has a server listen on the loopback interface. Returns its address. */
async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${server.address().port}`;
}

module.exports = { listen, promise: rowOf('promise'), callback: rowOf('callback'), events: rowOf('events') };
