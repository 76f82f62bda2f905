'use strict';

/**
 * An application that knows nothing of contexts, in the framework that is its argument: for a process of its own, with an agent. It
 * prints its port. A request works and waits as its query says, and is answered with how long it did, by the clock of the server.
 */

const http = require('node:http');
const { setTimeout: delay } = require('node:timers/promises');

const { work } = require('../../observing/usage/work');

async function serve(url) {
  const { searchParams } = new URL(url, 'http://localhost');
  if (searchParams.has('fails')) throw new Error('on purpose');
  const begin = performance.now();
  const worked = work(Number(searchParams.get('work')));
  await delay(Number(searchParams.get('wait')));
  return { worked, lasted: performance.now() - begin };
}

/** A response that never ends. */
const hang = (response) => response.writeHead(200).write('a');

const applications = {
  express() {
    const express = require('express');
    const users = express.Router().get('/:id', async (request, response) => response.json(await serve(request.originalUrl)));
    const app = express().use('/users', users);
    app.get('/hangs/:id', (request, response) => void hang(response));
    // eslint-disable-next-line no-unused-vars
    app.use((error, request, response, next) => void response.status(500).json({}));
    return http.createServer(app);
  },
  async fastify() {
    const app = require('fastify')();
    app.get('/users/:id', (request) => serve(request.url));
    app.get('/hangs/:id', (request, reply) => void hang(reply.hijack().raw));
    await app.ready();
    return app.server;
  },
  koa() {
    const app = new (require('koa'))().on('error', () => {});
    app.use(async (ctx) => {
      ctx.respond = !ctx.url.startsWith('/hangs');
      if (ctx.respond) ctx.body = await serve(ctx.url);
      else hang(ctx.res);
    });
    return http.createServer(app.callback());
  },
  async nest() {
    require('reflect-metadata');
    const { NestFactory } = require('@nestjs/core');
    const { Controller, Get, Module, Req, Res } = require('@nestjs/common');
    class Shop {
      user(request) {
        return serve(request.originalUrl);
      }

      hangs(request, response) {
        hang(response);
      }
    }
    for (const [name, path] of [
      ['user', 'users/:id'],
      ['hangs', 'hangs/:id'],
    ]) {
      // prettier-ignore
      Get(path)(Shop.prototype, name, Object.getOwnPropertyDescriptor(Shop.prototype, name));
      Req()(Shop.prototype, name, 0);
    }
    Res()(Shop.prototype, 'hangs', 1);
    Controller()(Shop);
    class App {}
    Module({ controllers: [Shop] })(App);
    const nest = await NestFactory.create(App, { logger: false });
    await nest.init();
    return nest.getHttpServer();
  },
};

module.exports = Object.keys(applications);

if (require.main === module) {
  Promise.resolve(applications[process.argv[2]]()).then((server) => {
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  });
}
