'use strict';

const assert = require('node:assert');
const http = require('node:http');

const { createNamespace } = require('context');
const { hono, instrument, koa, plugin, routeOf } = require('context/http');

const { ask } = require('./client');
const { closeAll, listening, turn } = require('./instrumented');

const namespace = createNamespace('http.routeOf');

/** Servers with the route /users/:id, and whether they need a middleware to tell it. */
const frameworks = {
  express() {
    const express = require('express');
    const users = express.Router().get('/:id', (request, response) => response.end());
    return http.createServer(express().use('/users', users));
  },
  async fastify(wraps) {
    const app = require('fastify')();
    if (wraps) app.register(plugin, { namespace });
    // Answers before a handler runs.
    app.addHook('preValidation', async ({ headers }, reply) =>
      headers['x-id'] === 'early' ? reply.code(401).send('') : undefined,
    );
    app.get('/users/:id', async () => '');
    await app.ready();
    return app.server;
  },
  koa(wraps) {
    const Koa = require('koa');
    const { Router } = require('@koa/router');
    const app = new Koa();
    if (wraps) app.use(koa(namespace));
    app.use(new Router({ prefix: '/users' }).get('/:id', (ctx) => (ctx.body = '')).routes());
    return http.createServer(app.callback());
  },
  hono(wraps) {
    const { Hono } = require('hono');
    const app = new Hono();
    if (wraps) app.use('*', hono(namespace));
    app.get('/users/:id', (c) => c.text(''));
    return require('@hono/node-server').createAdaptorServer(app);
  },
  nest: async () => {
    require('reflect-metadata');
    const { NestFactory } = require('@nestjs/core');
    const { Controller, Get, Module } = require('@nestjs/common');
    class Users {
      one() {
        return '';
      }
    }
    Get(':id')(Users.prototype, 'one', Object.getOwnPropertyDescriptor(Users.prototype, 'one'));
    Controller('users')(Users);
    class App {}
    Module({ controllers: [Users] })(App);
    const nest = await NestFactory.create(App, { logger: false });
    await nest.init();
    return nest.getHttpServer();
  },
};

const ROUTE = '/users/:id';

/** By framework and whether it has a middleware: the routes of a request, of one that is answered early, and of one to nowhere. */
const expected = [
  ['express', false, [ROUTE, ROUTE, undefined]],
  ['nest', false, [ROUTE, ROUTE, undefined]],
  ['fastify', false, [ROUTE, undefined, undefined]],
  ['fastify', true, [ROUTE, ROUTE, undefined]],
  ['koa', true, [ROUTE, ROUTE, undefined]],
  ['koa', false, [undefined, undefined, undefined]],
  ['hono', true, [ROUTE, ROUTE, undefined]],
  ['hono', false, [undefined, undefined, undefined]],
];

describe('routeOf', () => {
  afterEach(closeAll);

  for (const [name, wraps, routes] of expected) {
    it(`is the pattern that ${name} has told, ${wraps ? 'with' : 'without'} a middleware`, async () => {
      const found = [];
      const init = (context, request) => context.on('end', () => found.push(routeOf(request)));
      const instrumentation = instrument(namespace, { init });
      const port = await listening(await frameworks[name](wraps));
      for (const [path, id] of [['/users/12', ''], ['/users/12', 'early'], ['/nothing/12', '']]) await ask(port, path, id); // prettier-ignore
      while (found.length < 3) await turn();
      instrumentation.disable();
      assert.deepStrictEqual(found, routes);
    });
  }

  it('is undefined of what has no route, and throws for nothing', () => {
    const throwing = () => assert.fail('a trap');
    const odd = [
      undefined,
      null,
      1,
      '/',
      {},
      { route: {} },
      new http.IncomingMessage(null),
      Object.freeze({ route: { path: 7 } }),
    ];
    for (const each of [...odd, new Proxy({}, { get: throwing, has: throwing })]) assert.strictEqual(routeOf(each), undefined);
  });
});
