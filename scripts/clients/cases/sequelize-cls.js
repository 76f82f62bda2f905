'use strict';

const { createNamespace } = require('../../../lib/integrations/cls');
const { connect } = require('./sequelize');

module.exports = {
  client: 'sequelize',
  beside: 'context/cls',
  servers: ['postgres'],

  async start({ load, ports }) {
    const { Sequelize } = load('sequelize');
    const transactions = createNamespace('sequelize');
    Sequelize.useCLS(transactions);
    const sequelize = connect({ Sequelize }, ports.postgres);
    const transactionNow = async () => (await sequelize.query('SELECT txid_current() AS id', { plain: true })).id;

    const rows = [
      {
        kind: 'callback',
        api: 'transaction, task',
        ask: async ({ look }) => {
          await sequelize.transaction(async () => {
            look();
            await sequelize.query('SELECT 1');
            look();
          });
        },
      },
      {
        kind: 'callback',
        api: 'transaction, queries are in it that do not name it',
        ask: async ({ look }) => {
          await sequelize.transaction(async (transaction) => {
            const { id } = await sequelize.query('SELECT txid_current() AS id', { plain: true, transaction });
            const found = [await transactionNow(), await Promise.all([transactionNow(), transactionNow()])].flat();
            // It must be this one: a look counts as the request's own.
            if (found.every((other) => other === id) && transactions.get('transaction') === transaction) look();
          });
        },
      },
    ];
    return { rows, stop: () => sequelize.close() };
  },
};
