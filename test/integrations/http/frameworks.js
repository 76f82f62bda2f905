'use strict';

const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const { Readable } = require('node:stream');

/**
 * Servers of several frameworks with the same routes, as their users write them. Each is given what puts a context around a request
 * (`install`, which gets the application; undefined if nothing has to) and a probe, and returns a server of Node.js.
 */

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** What the routes do, and look at what is active on the way. */
function toolsOf(probe) {
  const at = (step, request) => probe.at(step, request.headers['x-id']);

  /** A body that is made in turns. */
  async function* chunks(request) {
    for (let index = 0; index < 3; index++) {
      await turn();
      at('streamed response', request);
      yield `${index};`;
    }
  }

  return {
    at,

    /** What each handler does first: it looks, and watches how the response ends. */
    begin(request, response) {
      at('handler', request);
      response.on('finish', () => at('finish', request));
      response.on('close', () => at('close', request));
      request.on('close', () => at('close of the request', request));
    },

    /** A helper that knows nothing of the request, some turns deep. */
    async deep(request) {
      await null;
      await turn();
      await new Promise((resolve) => setTimeout(resolve, 2));
      return at('deep helper', request);
    },

    async fail() {
      await turn();
      throw new Error('failed');
    },

    /** Begins a response that its client aborts. */
    hang(request, response) {
      response.on('close', () => at('abort', request));
      response.write('a');
    },

    stream: (request) => Readable.from(chunks(request)),
  };
}

const withExpress =
  (name) =>
  ({ install, probe }) => {
    const { at, begin, deep, fail, hang, stream } = toolsOf(probe);
    const express = require(name);
    const multer = require('multer');
    const app = express();
    install?.(app);
    app.use((request, response, next) => {
      begin(request, response);
      next();
    });
    app.get('/', (request, response) => response.end());
    app.get('/deep', async (request, response) => response.end(await deep(request)));
    app.get('/stream', (request, response) => stream(request).pipe(response));
    app.post('/json', express.json(), (request, response) => {
      at('JSON body', request);
      response.json(request.body);
    });
    app.post('/multipart', multer().single('file'), (request, response) => {
      at('multipart body', request);
      response.end(String(request.file.size));
    });
    app.get('/fails', (request, response, next) => void fail().catch(next));
    app.get('/hangs', hang);
    // Express knows an error handler by its four parameters.
    // eslint-disable-next-line no-unused-vars
    app.use((error, request, response, next) => {
      at('error handler', request);
      response.status(500).end(error.message);
    });
    return http.createServer(app);
  };

const frameworks = {
  http: ({ install, probe }) => {
    const { at, begin, deep, hang, stream } = toolsOf(probe);
    const routes = {
      '/': (request, response) => response.end(),
      '/deep': async (request, response) => response.end(await deep(request)),
      '/stream': (request, response) => stream(request).pipe(response),
      '/json': (request, response) => {
        let body = '';
        request.on('data', (chunk) => {
          at('data', request);
          body += chunk;
        });
        request.on('end', () => {
          at('JSON body', request);
          response.end(String(body.length));
        });
      },
      '/iterated': async (request, response) => {
        for await (const chunk of request) void chunk;
        at('iterated body', request);
        response.end();
      },
      '/hangs': hang,
    };
    const handler = (request, response) => {
      begin(request, response);
      routes[request.url](request, response);
    };
    return http.createServer(install === undefined ? handler : install(handler));
  },

  express: withExpress('express'),
  'express-4': withExpress('express-4'),

  fastify: async ({ install, probe }) => {
    const { at, begin, deep, fail, hang, stream } = toolsOf(probe);
    const fastify = require('fastify')();
    await install?.(fastify);
    await fastify.register(require('@fastify/multipart'));
    fastify.addHook('preHandler', async (request, reply) => begin(request.raw, reply.raw));
    fastify.addHook('onResponse', async (request) => void at('onResponse', request));
    fastify.get('/', async () => '');
    fastify.get('/deep', deep);
    fastify.get('/stream', async (request) => stream(request));
    fastify.post('/json', async (request) => {
      at('JSON body', request);
      return request.body;
    });
    fastify.post('/multipart', async (request) => {
      const { file } = await request.file();
      for await (const chunk of file) void chunk;
      at('multipart body', request);
      return '';
    });
    fastify.get('/fails', fail);
    fastify.get('/hangs', (request, reply) => {
      reply.hijack();
      hang(request, reply.raw);
    });
    fastify.setErrorHandler(async (error, request, reply) => {
      at('error handler', request);
      reply.code(500);
      return error.message;
    });
    await fastify.ready();
    return fastify.server;
  },

  koa: ({ install, probe }) => {
    const { at, begin, deep, fail, hang, stream } = toolsOf(probe);
    const Koa = require('koa');
    const { koaBody } = require('koa-body');
    const app = new Koa();
    app.silent = true;
    install?.(app);
    app.use(async (ctx, next) => {
      begin(ctx.req, ctx.res);
      try {
        await next();
      } catch (error) {
        at('error handler', ctx.req);
        ctx.status = 500;
        ctx.body = error.message;
      }
    });
    app.use(koaBody({ multipart: true }));
    const routes = {
      '/': () => '',
      '/deep': ({ req }) => deep(req),
      '/stream': ({ req }) => stream(req),
      '/json': ({ req, request }) => {
        at('JSON body', req);
        return request.body;
      },
      '/multipart': ({ req, request }) => {
        at('multipart body', req);
        // The parser leaves it to the application to remove the file.
        fs.rmSync(request.files.file.filepath);
        return '';
      },
      '/fails': fail,
      '/hangs': (ctx) => {
        ctx.respond = false;
        hang(ctx.req, ctx.res);
      },
    };
    app.use(async (ctx) => {
      const body = await routes[ctx.path](ctx);
      if (ctx.respond !== false) ctx.body = body;
    });
    return http.createServer(app.callback());
  },

  hono: async ({ install, probe }) => {
    const { at, begin, deep, fail, stream } = toolsOf(probe);
    const { Hono } = require('hono');
    const { createAdaptorServer } = require('@hono/node-server');
    const app = new Hono();
    install?.(app);
    app.use(async ({ env }, next) => {
      begin(env.incoming, env.outgoing);
      await next();
    });
    app.get('/', (c) => c.text(''));
    app.get('/deep', async (c) => c.text(await deep(c.env.incoming)));
    app.get('/stream', (c) => c.body(Readable.toWeb(stream(c.env.incoming))));
    app.post('/json', async (c) => {
      const body = await c.req.json();
      at('JSON body', c.env.incoming);
      return c.json(body);
    });
    app.post('/multipart', async (c) => {
      await c.req.parseBody();
      at('multipart body', c.env.incoming);
      return c.text('');
    });
    app.get('/fails', fail);
    app.get('/hangs', (c) => {
      const { incoming, outgoing } = c.env;
      outgoing.on('close', () => at('abort', incoming));
      async function* body() {
        yield 'a';
        await once(outgoing, 'close');
      }
      return c.body(Readable.toWeb(Readable.from(body())));
    });
    app.onError((error, c) => {
      at('error handler', c.env.incoming);
      return c.text(error.message, 500);
    });
    return createAdaptorServer(app);
  },

  nest: async ({ install, probe }) => {
    const { at, begin, deep, fail, hang, stream } = toolsOf(probe);
    require('reflect-metadata');
    const { NestFactory } = require('@nestjs/core');
    const { Catch, Controller, Get, HttpCode, Module, Post, Req, Res } = require('@nestjs/common');
    class Filter {
      catch(error, host) {
        const [request, response] = host.getArgs();
        at('error handler', request);
        response.status(500).end(error.message);
      }
    }
    class AppController {}
    const routes = {
      handler: [Get(''), () => ''],
      deep: [Get('deep'), deep],
      stream: [Get('stream'), (request, response) => void stream(request).pipe(response)],
      json: [Post('json'), (request) => (at('JSON body', request), request.body)],
      fails: [Get('fails'), () => fail()],
      hangs: [Get('hangs'), hang],
    };
    // What decorators would do, which JavaScript does not have.
    const { prototype } = AppController;
    for (const [name, [decorate, method]] of Object.entries(routes)) {
      prototype[name] = method;
      for (const each of [decorate, HttpCode(200)]) each(prototype, name, Object.getOwnPropertyDescriptor(prototype, name));
      for (const [index, each] of [Req, Res].slice(0, method.length).entries()) each()(prototype, name, index);
    }
    class AppModule {}
    Controller()(AppController);
    Catch()(Filter);
    Module({ controllers: [AppController] })(AppModule);
    const nest = await NestFactory.create(AppModule, { logger: false });
    install?.(nest);
    nest.use((request, response, next) => {
      begin(request, response);
      next();
    });
    nest.useGlobalFilters(new Filter());
    await nest.init();
    return nest.getHttpServer();
  },
};

module.exports = { frameworks };
