'use strict';

const { once } = require('node:events');
const http2 = require('node:http2');

const { cases, prepared, stepThrough, stepsAt } = require('../case');

const HOST = '127.0.0.1';
const OF_SESSION = 'events of a stream may come from the session, which was made outside of the context';

async function serve(after) {
  const handlers = new Map();
  const server = http2.createServer();
  server.on('stream', (stream, headers) => (handlers.get(headers[':path']) ?? answer)(stream));
  const sessions = new Set();
  server.on('session', (session) => sessions.add(session));
  server.listen(0, HOST);
  await once(server, 'listening');
  after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { handlers, origin: `http://${HOST}:${server.address().port}` };
}

async function connect(after) {
  const { handlers, origin } = await serve(after);
  const session = http2.connect(origin);
  await once(session, 'connect');
  after(() => session.destroy());
  return { handlers, session };
}

function answer(stream) {
  stream.respond({ ':status': 200 });
  stream.pipe(stream);
}

function ask(step, session) {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': 'POST', ':path': '/' });
    stepsAt(stream.on('error', reject), step, 'response', 'data', 'end', 'close').then(resolve);
    stream.write('text', () => step('written'));
    stream.end();
  });
}

module.exports = cases({
  'http2: a session in each context': {
    prepare: serve,
    async start(step, { shared }) {
      const session = http2.connect(shared.origin, () => step('callback'));
      session.on('connect', () => step('connect'));
      await Promise.all([ask(step, session), ask(step, session)]);
      step('awaited');
      await new Promise((resolve) => session.close(() => resolve(step('session closed'))));
    },
  },
  ...prepared(connect, {
    async 'http2: streams of a shared session'(step, { shared }) {
      for (let left = 3; left > 0; left--) await ask(step, shared.session);
      step('awaited');
    },
    async 'http2: for await of a stream'(step, { shared }) {
      const stream = shared.session.request({ ':method': 'POST', ':path': '/' });
      stream.end('text');
      await stepThrough(stream, step, 'loop');
      step('after');
    },
    async 'http2: ping and settings'(step, { shared }) {
      await new Promise((resolve) => shared.session.ping(() => resolve(step('ping'))));
      await new Promise((resolve) => shared.session.settings({ enablePush: false }, () => resolve(step('settings'))));
    },
    'http2 server: a stream that enters a context': {
      entersItself: true,
      loses: { data: OF_SESSION, end: OF_SESSION, finish: OF_SESSION, close: OF_SESSION },
      start: (step, { shared, owner, within, done }) => {
        shared.handlers.set(`/${owner}`, (stream) =>
          within(() => {
            stepsAt(stream, step, 'data', 'end', 'close').then(done);
            stream.respond({ ':status': 200 });
            setImmediate(() => {
              step('immediate');
              stream.end('text', () => step('finish'));
            });
          }),
        );
        shared.session
          .request({ ':method': 'POST', ':path': `/${owner}` })
          .end('text')
          .resume();
      },
    },
  }),
});
