'use strict';

const assert = require('node:assert');
const { EventEmitter, once } = require('node:events');
const path = require('node:path');

const { DataTypes, Sequelize } = require('sequelize');

const { createNamespace } = require('context/cls');
const { makeFolder } = require('../../support/folders');
const dialectModule = require('./sqlite-driver');

describe('Sequelize with a namespace of context/cls', () => {
  const namespace = createNamespace('sequelize');
  let folder;
  let opened;
  let queries;

  before(() => Sequelize.useCLS(namespace));
  after(() => {
    delete Sequelize._cls;
  });

  beforeEach(() => {
    folder = makeFolder();
    opened = [];
    queries = [];
  });

  afterEach(async () => {
    for (const sequelize of opened) await sequelize.close();
  });

  /** A database with a table of items, whose queries are logged. */
  async function open(file) {
    const logging = (query) => queries.push(query);
    const sequelize = new Sequelize({ dialect: 'sqlite', dialectModule, storage: path.join(folder, file), logging });
    opened.push(sequelize);
    const Item = sequelize.define('Item', { name: { type: DataTypes.STRING, unique: true } }, { timestamps: false });
    await sequelize.sync();
    queries = [];
    const names = async () => (await Item.findAll({ order: ['name'] })).map(({ name }) => name);
    return { Item, names, sequelize };
  }

  it('passes the transaction to all queries of a managed one', async () => {
    const { Item, names, sequelize } = await open('items.sqlite');
    const result = await sequelize.transaction(async (transaction) => {
      assert.strictEqual(namespace.get('transaction'), transaction);
      const item = await Item.create({ name: 'one' });
      await item.update({ name: 'renamed' });
      assert.deepStrictEqual(await names(), ['renamed']);
      await new Promise((resolve) => setTimeout(resolve, 1));
      assert.strictEqual(namespace.get('transaction'), transaction);
      return transaction.id;
    });
    assert.ok(queries.length >= 5);
    for (const query of queries) assert.ok(query.startsWith(`Executing (${result})`), query);
    assert.strictEqual(namespace.active, null);
    assert.deepStrictEqual(await names(), ['renamed']);
    assert.ok(queries.at(-1).startsWith('Executing (default)'));
  });

  it('does not mix transactions of one database that are open at the same time', async () => {
    const { Item, names, sequelize } = await open('items.sqlite');
    const steps = new EventEmitter();
    const [isFirst, isSecond, isCommitted] = ['first', 'second', 'committed'].map((step) => once(steps, step));
    const first = sequelize.transaction(async (transaction) => {
      steps.emit('first');
      await isSecond;
      await Item.create({ name: 'first' });
      assert.ok(queries.at(-1).includes(transaction.id));
    });
    const second = sequelize.transaction(async (transaction) => {
      steps.emit('second');
      await isCommitted;
      assert.strictEqual(namespace.get('transaction'), transaction);
      await Item.create({ name: 'second' });
      assert.ok(queries.at(-1).includes(transaction.id));
      throw new Error('fails');
    });
    await isFirst;
    assert.strictEqual(namespace.active, null);
    await first;
    assert.deepStrictEqual(await names(), ['first']);
    steps.emit('committed');
    await assert.rejects(second, /fails/);
    assert.deepStrictEqual(await names(), ['first']);
  });
});
