'use strict';

const SPANS = ['price', 'stock', 'mail'];
const LINES = 7;

/** The id that the load gives to the request of an order, by which each value is checked. */
const idOf = (number) => `request-${number}`;

const itemsOf = (number) => [
  { price: number, count: 2 },
  { price: 1, count: 3 },
];
const totalOf = (number) => 2 * number + 3;

/**
 * Counts what came back wrong: a value of another request, or none.
 *
 * @param {object} seen
 * @param {Array<{ requestId: string, text: string }>} seen.lines of the log; each text names its order
 * @param {Array<{ id: string, name: string, spans: string[] }>} seen.transactions
 * @param {Array<{ number: number, total: number }>} seen.receipts what the load got
 * @param {number} requests how many were sent
 * @returns {{ checked: number, wrong: number }}
 */
function check({ lines, transactions, receipts }, requests) {
  let checked = 0;
  let wrong = 0;
  const expect = (right) => {
    checked++;
    if (!right) wrong++;
  };
  for (const { requestId, text } of lines) expect(requestId === idOf(/^order (\d+):/.exec(text)[1]));
  for (const { id, name, spans } of transactions) {
    expect(name === 'POST /orders');
    expect(spans.length === SPANS.length);
    for (const span of SPANS) expect(spans.includes(`${span} of ${id}`));
  }
  for (const { number, total } of receipts) expect(total === totalOf(number));
  expect(new Set(transactions.map(({ id }) => id)).size === requests);
  expect(new Set(receipts.map(({ number }) => number)).size === requests);
  expect(lines.length === LINES * requests);
  return { checked, wrong };
}

module.exports = { check, idOf, itemsOf };
