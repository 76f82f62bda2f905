'use strict';

const { once } = require('node:events');

const { createNamespace } = require('../../../lib/integrations/cls');
const { callback, events, promise } = require('../rows');
const { UNION, postgres } = require('./databases');

/** A Sequelize with a small pool. */
function connect({ Sequelize }, ports) {
  const { user: username, ...place } = postgres(ports);
  return new Sequelize({ ...place, username, dialect: 'postgres', logging: false, pool: { max: 4 } });
}

const sequelize = {
  servers: ['postgres'],

  async setUp({ load, ports }) {
    const library = load('sequelize');
    const db = connect(library, ports);
    const Order = db.define('order', { title: library.DataTypes.STRING });
    await Order.sync();
    for (const hook of ['beforeFind', 'afterFind']) Order.addHook(hook, (...args) => args.at(-1).look());
    Order.addHook('afterCreate', (order, { look }) => look());
    return { db, Order, stop: () => db.close() };
  },

  rows: [
    promise('query, promise', ({ db, lookAfter }) => lookAfter(db.query('SELECT 1'))),
    promise('models, promise and hooks', async ({ id, Order, look, lookAfter }) => {
      await lookAfter(Order.create({ title: id }, { look }));
      await lookAfter(Order.findAll({ where: { title: id }, look }));
    }),
    callback('logging, callback', ({ db, look }) => db.query('SELECT 1', { logging: look })),
    callback('transaction, task', ({ db, lookAfter, lookFirst }) =>
      db.transaction(lookFirst((transaction) => lookAfter(db.query('SELECT 1', { transaction })))),
    ),
  ],
};

const sequelizeWithCls = {
  client: 'sequelize',
  beside: 'context/cls',
  servers: ['postgres'],

  setUp({ load, ports }) {
    const library = load('sequelize');
    const transactions = createNamespace('sequelize');
    library.Sequelize.useCLS(transactions);
    const db = connect(library, ports);
    const idOf = async (options) => (await db.query('SELECT txid_current() AS id', { plain: true, ...options })).id;
    return { db, transactions, idOf, stop: () => db.close() };
  },

  rows: [
    callback('transaction, task', ({ db, lookAfter, lookFirst }) =>
      db.transaction(lookFirst(() => lookAfter(db.query('SELECT 1')))),
    ),
    callback('transaction, queries are in it that do not name it', async ({ db, transactions, idOf, look }) => {
      await db.transaction(async (transaction) => {
        const id = await idOf({ transaction });
        const found = [await idOf(), ...(await Promise.all([idOf(), idOf()]))];
        // It must be this one: a look counts as the request's own.
        if (found.every((other) => other === id) && transactions.get('transaction') === transaction) look();
      });
    }),
  ],
};

const typeorm = {
  servers: ['mariadb'],

  async setUp({ load, ports }) {
    load('reflect-metadata');
    const { DataSource, EntitySchema } = load('typeorm');
    const columns = { id: { type: Number, primary: true, generated: true }, title: { type: String } };
    const Order = new EntitySchema({ name: 'Order', tableName: 'orders', columns });
    const place = { host: '127.0.0.1', port: Number(ports.mariadb) };
    const admin = load('mysql2/promise').createPool({ ...place, user: 'root' });
    await admin.query('CREATE DATABASE IF NOT EXISTS test_typeorm');
    await admin.end();

    /** Calls the requests' `look`, which is in the data that they have given their query runners. */
    const look = ({ queryRunner }) => queryRunner?.data.look?.();
    class Subscriber {
      beforeQuery = look;
      afterQuery = look;
      afterInsert = look;
    }
    const options = { poolSize: 4, synchronize: true, entities: [Order], subscribers: [Subscriber] };
    const source = new DataSource({ type: 'mysql', ...place, username: 'root', database: 'test_typeorm', ...options });
    await source.initialize();
    return { source, Order, stop: () => source.destroy() };
  },

  rows: [
    promise('query, promise', ({ source, lookAfter }) => lookAfter(source.query('SELECT 1'))),
    promise('repository, promise and subscribers', async ({ id, source, Order, look, lookAfter }) => {
      const orders = source.getRepository(Order);
      await lookAfter(orders.save({ title: id }, { data: { look } }));
      await lookAfter(orders.findBy({ title: id }));
    }),
    callback('transaction, task', ({ source, lookAfter, lookFirst }) =>
      source.transaction(lookFirst((manager) => lookAfter(manager.query('SELECT 1')))),
    ),
    events('queryRunner.stream, events', 'add', async ({ source, look, add }) => {
      const runner = source.createQueryRunner();
      const rowStream = add(await runner.stream(UNION));
      await once(rowStream.on('data', look).on('end', look), 'end');
      await runner.release();
    }),
  ],
};

module.exports = { sequelize, 'sequelize-cls': sequelizeWithCls, typeorm };
