'use strict';

/** @returns {Sequelize} with a small pool */
function connect({ Sequelize }, port) {
  const place = { dialect: 'postgres', host: '127.0.0.1', port, username: 'postgres', database: 'postgres' };
  return new Sequelize({ ...place, logging: false, pool: { max: 4 } });
}

module.exports = {
  connect,

  client: 'sequelize',
  servers: ['postgres'],

  async start({ load, ports }) {
    const library = load('sequelize');
    const { DataTypes } = library;
    const sequelize = connect(library, ports.postgres);
    const Order = sequelize.define('order', { title: DataTypes.STRING });
    await Order.sync();
    for (const hook of ['beforeFind', 'afterFind']) Order.addHook(hook, (...args) => args.at(-1).look());
    Order.addHook('afterCreate', (order, { look }) => look());

    const rows = [
      {
        kind: 'promise',
        api: 'query, promise',
        ask: async ({ look }) => {
          await sequelize.query('SELECT 1');
          look();
        },
      },
      {
        kind: 'promise',
        api: 'models, promise and hooks',
        ask: async ({ id, look }) => {
          await Order.create({ title: id }, { look });
          look();
          await Order.findAll({ where: { title: id }, look });
          look();
        },
      },
      {
        kind: 'callback',
        api: 'logging, callback',
        ask: async ({ look }) => {
          await sequelize.query('SELECT 1', { logging: look });
        },
      },
      {
        kind: 'callback',
        api: 'transaction, task',
        ask: async ({ look }) => {
          await sequelize.transaction(async (transaction) => {
            look();
            await sequelize.query('SELECT 1', { transaction });
            look();
          });
        },
      },
    ];
    return { rows, stop: () => sequelize.close() };
  },
};
