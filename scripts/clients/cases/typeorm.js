'use strict';

const { once } = require('node:events');

module.exports = {
  client: 'typeorm',
  servers: ['mariadb'],

  async start({ load, ports }) {
    load('reflect-metadata');
    const { DataSource, EntitySchema } = load('typeorm');
    const columns = { id: { type: Number, primary: true, generated: true }, title: { type: String } };
    const Order = new EntitySchema({ name: 'Order', tableName: 'orders', columns });
    const place = { type: 'mysql', host: '127.0.0.1', port: Number(ports.mariadb), username: 'root', database: 'test_typeorm' };
    const admin = load('mysql2/promise').createPool({ host: place.host, port: place.port, user: 'root' });
    await admin.query('CREATE DATABASE IF NOT EXISTS test_typeorm');
    await admin.end();

    /** Tells the requests, by the data that they have given their query runners. */
    class Subscriber {
      beforeQuery({ queryRunner }) {
        queryRunner?.data.look?.();
      }
      afterQuery({ queryRunner }) {
        queryRunner?.data.look?.();
      }
      afterInsert({ queryRunner }) {
        queryRunner.data.look?.();
      }
    }
    const source = new DataSource({ ...place, poolSize: 4, synchronize: true, entities: [Order], subscribers: [Subscriber] });
    await source.initialize();

    const rows = [
      {
        kind: 'promise',
        api: 'query, promise',
        ask: async ({ look }) => {
          await source.query('SELECT 1');
          look();
        },
      },
      {
        kind: 'promise',
        api: 'repository, promise and subscribers',
        ask: async ({ id, look }) => {
          const orders = source.getRepository(Order);
          await orders.save({ title: id }, { data: { look } });
          look();
          await orders.findBy({ title: id });
          look();
        },
      },
      {
        kind: 'callback',
        api: 'transaction, task',
        ask: async ({ look }) => {
          await source.transaction(async (manager) => {
            look();
            await manager.query('SELECT 1');
            look();
          });
        },
      },
      {
        kind: 'events',
        api: 'queryRunner.stream, events',
        by: 'add',
        ask: async ({ look, add }) => {
          //#region queryRunner.stream, events, by add
          const runner = source.createQueryRunner();
          const rowStream = add(await runner.stream('SELECT 1 UNION SELECT 2 UNION SELECT 3'));
          await once(rowStream.on('data', look).on('end', look), 'end');
          await runner.release();
          //#endregion
        },
      },
    ];
    return { rows, stop: () => source.destroy() };
  },
};
