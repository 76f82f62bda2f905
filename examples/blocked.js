'use strict';

/**
 * A server with a route whose regular expression takes forever for some texts. Requests come at a time, one of them is caught in it, and
 * the watchdog says which, while the server hangs: `node examples/blocked.js`.
 */

const http = require('node:http');

const { createNamespace } = require('context');
const { middleware } = require('context/http');
const { start } = require('context/watchdog');

const request = createNamespace('request').expose('id', 'url');

const isName = (text) => /^(\w+\s?)*$/.test(text);

function search(text) {
  return isName(text) ? 'a name' : 'no name';
}

const inContext = middleware(request, {
  init(context, { headers, url }) {
    context.set('id', headers['x-request-id']);
    context.set('url', url);
  },
});

const server = http.createServer((req, res) => {
  inContext(req, res, () => {
    const text = new URL(req.url, 'http://localhost').searchParams.get('text');
    setTimeout(() => res.end(search(text)), 5);
  });
});

function get(port, id, text) {
  const path = `/search?text=${encodeURIComponent(text)}`;
  return new Promise((resolve) => {
    http.get({ host: '127.0.0.1', port, path, headers: { 'x-request-id': id } }, (res) => res.resume().on('end', resolve));
  });
}

server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  start({ threshold: 1000, destination: 1 }).on('blocked', ({ duration, cpu, namespaces }) => {
    const [{ labels, share }] = namespaces[0].shares;
    console.log(
      `It answers again after ${Math.round(duration)} ms, ${Math.round(cpu)} of them busy: ${labels.id}, ${share * 100} %`,
    );
  });
  const texts = ['Ada Lovelace', 'Grace Hopper', 'Alan Mathison Turing was here yesterday!', 'Edsger Dijkstra'];
  await Promise.all(texts.map((text, index) => get(port, `request-${index + 1}`, text)));
  server.close();
});
