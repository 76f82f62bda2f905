'use strict';

const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const { Readable } = require('node:stream');

/**
 * Servers of several frameworks with the same routes, as their users write them. Each takes what puts a context around a request
 * (`install`, which gets the application, or nothing for one that needs none) and a probe, and returns a server of Node.js.
 */

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A helper that knows nothing of the request, some turns deep. */
async function helper(probe, id) {
  await null;
  await turn();
  await new Promise((resolve) => setTimeout(resolve, 2));
  return probe.at('deep helper', id);
}

/** A body that is made in turns, and looks at what is active in each of them. */
async function* chunks(probe, id) {
  for (let index = 0; index < 3; index++) {
    await turn();
    probe.at('streamed response', id);
    yield `${index};`;
  }
}

/** What each handler does first: it looks, sets the last value, and watches how the response ends. */
function begin(probe, id, request, response) {
  probe.at('handler', id);
  response.on('finish', () => probe.at('finish', id));
  response.on('close', () => probe.at('close', id));
  request.on('close', () => probe.at('close of the request', id));
}

const idOf = (request) => request.headers['x-id'];

const frameworks = {
  http: ({ install, probe }) => {
    const routes = {
      '/deep': async (request, response) => response.end(await helper(probe, idOf(request))),
      '/stream': (request, response) => Readable.from(chunks(probe, idOf(request))).pipe(response),
      '/json': (request, response) => {
        let body = '';
        request.on('data', (chunk) => {
          probe.at('data', idOf(request));
          body += chunk;
        });
        request.on('end', () => {
          probe.at('JSON body', idOf(request));
          response.end(String(body.length));
        });
      },
      '/iterated': async (request, response) => {
        for await (const chunk of request) void chunk;
        probe.at('iterated body', idOf(request));
        response.end();
      },
      '/hangs': (request, response) => {
        response.on('close', () => probe.at('abort', idOf(request)));
        response.write('a');
      },
    };
    const handler = (request, response) => {
      begin(probe, idOf(request), request, response);
      (routes[request.url] ?? ((_, other) => other.end()))(request, response);
    };
    return http.createServer(install === undefined ? handler : install(handler));
  },

  ...Object.fromEntries(
    ['express', 'express-4'].map((name) => [
      name,
      ({ install, probe }) => {
        const express = require(name);
        const multer = require('multer');
        const app = express();
        install?.(app);
        app.use((request, response, next) => {
          begin(probe, idOf(request), request, response);
          next();
        });
        app.get('/', (request, response) => response.end());
        app.get('/deep', async (request, response) => response.end(await helper(probe, idOf(request))));
        app.get('/stream', (request, response) => Readable.from(chunks(probe, idOf(request))).pipe(response));
        app.post('/json', express.json(), (request, response) => {
          probe.at('JSON body', idOf(request));
          response.json(request.body);
        });
        app.post('/multipart', multer().single('file'), (request, response) => {
          probe.at('multipart body', idOf(request));
          response.end(String(request.file.size));
        });
        app.get('/fails', (request, response, next) => setImmediate(() => next(new Error('failed'))));
        app.get('/hangs', (request, response) => {
          response.on('close', () => probe.at('abort', idOf(request)));
          response.write('a');
        });
        // Express tells an error handler by its four parameters.
        // eslint-disable-next-line no-unused-vars
        app.use((error, request, response, next) => {
          probe.at('error handler', idOf(request));
          response.status(500).end(error.message);
        });
        return http.createServer(app);
      },
    ]),
  ),

  fastify: async ({ install, probe }) => {
    const fastify = require('fastify')();
    await install?.(fastify);
    await fastify.register(require('@fastify/multipart'));
    fastify.addHook('preHandler', async (request, reply) => begin(probe, idOf(request), request.raw, reply.raw));
    fastify.addHook('onResponse', async (request) => void probe.at('onResponse', idOf(request)));
    fastify.get('/', async () => '');
    fastify.get('/deep', async (request) => helper(probe, idOf(request)));
    fastify.get('/stream', async (request) => Readable.from(chunks(probe, idOf(request))));
    fastify.post('/json', async (request) => {
      probe.at('JSON body', idOf(request));
      return request.body;
    });
    fastify.post('/multipart', async (request) => {
      const { file } = await request.file();
      for await (const chunk of file) void chunk;
      probe.at('multipart body', idOf(request));
      return '';
    });
    fastify.get('/fails', async () => {
      await turn();
      throw new Error('failed');
    });
    fastify.get('/hangs', (request, reply) => {
      reply.raw.on('close', () => probe.at('abort', idOf(request)));
      reply.hijack();
      reply.raw.write('a');
    });
    fastify.setErrorHandler(async (error, request, reply) => {
      probe.at('error handler', idOf(request));
      reply.code(500);
      return error.message;
    });
    await fastify.ready();
    return fastify.server;
  },

  koa: ({ install, probe }) => {
    const Koa = require('koa');
    const { koaBody } = require('koa-body');
    const app = new Koa();
    app.silent = true;
    install?.(app);
    app.use(async (ctx, next) => {
      begin(probe, idOf(ctx.req), ctx.req, ctx.res);
      try {
        await next();
      } catch (error) {
        probe.at('error handler', idOf(ctx.req));
        ctx.status = 500;
        ctx.body = error.message;
      }
    });
    app.use(koaBody({ multipart: true }));
    app.use(async (ctx) => {
      const id = idOf(ctx.req);
      switch (ctx.path) {
        case '/deep':
          ctx.body = await helper(probe, id);
          break;
        case '/stream':
          ctx.body = Readable.from(chunks(probe, id));
          break;
        case '/json':
          probe.at('JSON body', id);
          ctx.body = ctx.request.body;
          break;
        case '/multipart':
          probe.at('multipart body', id);
          // The parser leaves it to the application to take the file away.
          fs.rmSync(ctx.request.files.file.filepath);
          ctx.body = '';
          break;
        case '/fails':
          await turn();
          throw new Error('failed');
        case '/hangs':
          ctx.res.on('close', () => probe.at('abort', id));
          ctx.respond = false;
          ctx.res.write('a');
          break;
        default:
          ctx.body = '';
      }
    });
    return http.createServer(app.callback());
  },

  hono: async ({ install, probe }) => {
    const { Hono } = require('hono');
    const { createAdaptorServer } = require('@hono/node-server');
    const app = new Hono();
    install?.(app);
    app.use(async (c, next) => {
      begin(probe, c.req.header('x-id'), c.env.incoming, c.env.outgoing);
      await next();
    });
    app.get('/', (c) => c.text(''));
    app.get('/deep', async (c) => c.text(await helper(probe, c.req.header('x-id'))));
    app.get('/stream', (c) => c.body(Readable.toWeb(Readable.from(chunks(probe, c.req.header('x-id'))))));
    app.post('/json', async (c) => {
      const body = await c.req.json();
      probe.at('JSON body', c.req.header('x-id'));
      return c.json(body);
    });
    app.post('/multipart', async (c) => {
      await c.req.parseBody();
      probe.at('multipart body', c.req.header('x-id'));
      return c.text('');
    });
    app.get('/fails', async () => {
      await turn();
      throw new Error('failed');
    });
    app.get('/hangs', (c) => {
      const id = c.req.header('x-id');
      c.env.outgoing.on('close', () => probe.at('abort', id));
      return c.body(
        Readable.toWeb(
          Readable.from(
            (async function* () {
              yield 'a';
              await once(c.env.outgoing, 'close');
            })(),
          ),
        ),
      );
    });
    app.onError((error, c) => {
      probe.at('error handler', c.req.header('x-id'));
      return c.text(error.message, 500);
    });
    return createAdaptorServer(app);
  },

  nest: async ({ install, probe }) => {
    require('reflect-metadata');
    const { NestFactory } = require('@nestjs/core');
    const { Catch, Controller, Get, HttpCode, Module, Post, Req, Res } = require('@nestjs/common');
    class AppController {
      handler() {
        return '';
      }
      async deep(request) {
        return helper(probe, idOf(request));
      }
      json(request) {
        probe.at('JSON body', idOf(request));
        return request.body;
      }
      async fails() {
        await turn();
        throw new Error('failed');
      }
      hangs(request, response) {
        response.on('close', () => probe.at('abort', idOf(request)));
        response.write('a');
      }
      stream(request, response) {
        Readable.from(chunks(probe, idOf(request))).pipe(response);
      }
    }
    class Filter {
      catch(error, host) {
        const [request, response] = host.getArgs();
        probe.at('error handler', idOf(request));
        response.status(500).end(error.message);
      }
    }
    class AppModule {}
    // What decorators would do, which JavaScript does not have.
    const decorate = (decorator, method) => {
      decorator(AppController.prototype, method, Object.getOwnPropertyDescriptor(AppController.prototype, method));
    };
    Controller()(AppController);
    const routes = { handler: '', deep: 'deep', fails: 'fails', hangs: 'hangs', stream: 'stream' };
    for (const [method, path] of Object.entries(routes)) decorate(Get(path), method);
    decorate(Post('json'), 'json');
    decorate(HttpCode(200), 'json');
    for (const method of ['deep', 'json', 'hangs', 'stream']) Req()(AppController.prototype, method, 0);
    for (const method of ['hangs', 'stream']) Res()(AppController.prototype, method, 1);
    Catch()(Filter);
    Module({ controllers: [AppController] })(AppModule);
    const nest = await NestFactory.create(AppModule, { logger: false });
    install?.(nest);
    nest.use((request, response, next) => {
      begin(probe, idOf(request), request, response);
      next();
    });
    nest.useGlobalFilters(new Filter());
    await nest.init();
    return nest.getHttpServer();
  },
};

module.exports = { frameworks };
