'use strict';

/** A server that is instrumented by context/http: its handler, its body in two ways, its response; `end` comes once. */

const { createNamespace } = require('context');
const { instrument } = require('context/http');

const { Counts } = require('./counts');
const { REQUESTS, send } = require('./requests');

const namespace = createNamespace('http');
const counts = new Counts();
let ends = 0;

const instrumentation = instrument(namespace, {
  init: (context, request) => {
    context.set('id', request.headers['x-request-id']);
    context.on('end', () => ends++);
  },
});

async function readByPieces(request) {
  let text = '';
  for await (const piece of request) text += piece;
  return text;
}

function readByEvents(request, look) {
  return new Promise((resolve) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (piece) => {
      look();
      text += piece;
    });
    request.on('end', () => {
      look();
      resolve(text);
    });
  });
}

let requests = 0;

async function main() {
  const answers = await send(async (request, response) => {
    const id = request.headers['x-request-id'];
    const look = () => counts.look(namespace.get('id'), id);
    look();
    for (const event of ['finish', 'close']) response.on(event, look);
    const body = ++requests % 2 === 0 ? await readByPieces(request) : await readByEvents(request, look);
    look();
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
    counts.look(body, `the body of ${id}`);
    response.end(namespace.get('id'));
  });
  for (const { id, answer } of answers) counts.look(answer, id);
  // The last responses close after their answers have come.
  for (let turn = 0; turn < 50 && ends < REQUESTS; turn++) await new Promise((resolve) => setTimeout(resolve, 20));
  instrumentation.disable();
  counts.print({ ends, requests: REQUESTS });
}

main();
