'use strict';

const assert = require('node:assert');
const http = require('node:http');

const { expressRouteOf } = require('../../../lib/integrations/http/express-route');

/** An application with routers in routers, of a version of Express. */
function makeApp(express) {
  const done = (request, response) => response.send('done');
  const orders = express.Router({ mergeParams: true });
  orders.get('/', done);
  orders.get('/:order/lines', done);
  orders.get(['/open', '/closed/:year'], done);
  orders.get('/broken', () => assert.fail());
  orders.use('/:order/parts/:part', express.Router().get('/:detail', done));
  const users = express.Router().get('/', done).use('/:id/orders', orders); // prettier-ignore
  const admin = express().use('/users', users).get('/:page', done); // prettier-ignore
  const app = express();
  app.use('/users', users);
  app.use('/:tenant/users/:user', orders);
  app.use('/item-:item', orders);
  app.use('/admin/:area', admin);
  app.use(orders);
  app.get('/', done);
  app.get(/^\/files\/(\d+)$/, done);
  // eslint-disable-next-line no-unused-vars
  app.use((error, request, response, next) => response.status(500).send('failed'));
  return app;
}

/** As in the first releases of Express 5, whose layers don't keep their paths. */
function forgetPaths({ stack }) {
  for (const layer of stack) {
    delete layer.rawPath;
    if (layer.handle?.stack !== undefined) forgetPaths(layer.handle);
  }
}

const EXPECTED = {
  '/': '/',
  '/users': '/users/',
  '/users/1234/orders': '/users/:id/orders/',
  '/users/users/orders?x=/users': '/users/:id/orders/',
  '/users/orders/orders/orders/lines': '/users/:id/orders/:order/lines',
  '/users/a%20b/orders/%C3%A9/lines': '/users/:id/orders/:order/lines',
  '/users/1/orders/1/parts/1/1': '/users/:id/orders/:order/parts/:part/:detail',
  '/users/7/orders/broken': '/users/:id/orders/broken',
  '/users/7/orders/closed/2024': '/users/:id/orders/closed/:year',
  '/acme/users/acme/1/lines': '/:tenant/users/:user/:order/lines',
  '/item-12/12/lines': '/item-:item/:order/lines',
  '/admin/x/users/3/orders/3/lines': '/admin/:area/users/:id/orders/:order/lines',
  '/admin/x/start': '/admin/:area/:page',
  '/77/lines': '/:order/lines',
  '/files/12': '/files/*',
  '/nothing/of/this/kind/at/all': undefined,
};

describe('the route of a request of Express', () => {
  for (const [name, prepare] of [['express'], ['express', ({ router }) => forgetPaths(router)], ['express-4']]) {
    it(`is the pattern, with those that routers are mounted at: ${name}${prepare ? ', an early release' : ''}`, async () => {
      const app = makeApp(require(name));
      prepare?.(app);
      const found = {};
      const server = http.createServer((request, response) => {
        const { url } = request;
        response.once('close', () => (found[url] = expressRouteOf(request)));
        app(request, response);
      });
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      const origin = `http://127.0.0.1:${server.address().port}`;
      for (const path of Object.keys(EXPECTED)) await (await fetch(`${origin}${path}`)).text();
      await new Promise((resolve) => server.close(resolve));
      assert.deepStrictEqual(found, EXPECTED);
    });
  }

  it('is as far as it is known of what only looks like Express', () => {
    const request = { route: { path: '/:order' }, baseUrl: '/users/12', originalUrl: '/users/12/3' };
    assert.strictEqual(expressRouteOf(request), '/users/:id/:order');
    assert.strictEqual(expressRouteOf({ route: { path: /x/ }, originalUrl: '/x', app: {} }), undefined);
    assert.strictEqual(expressRouteOf({}), undefined);
  });
});
