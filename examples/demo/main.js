'use strict';

const { parseArgs } = require('node:util');

const autocannon = require('autocannon');
const { SingleBar } = require('cli-progress');
const context = require('context');

const { check, idOf, itemsOf } = require('./checks');
const { startServer } = require('./server');

const USAGE = 'usage: npm start -- [--requests N] [--concurrency N] [--serve]';

/** The options of the command line. Ends the process with the usage line if they are bad. */
function readOptions() {
  const positive = (name, text) => {
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`--${name} must be a whole number from 1 on, but it is '${text}'`);
    return Number(text);
  };
  try {
    const { values } = parseArgs({
      options: {
        requests: { type: 'string', default: '2000' },
        concurrency: { type: 'string', default: '100' },
        serve: { type: 'boolean', default: false },
      },
    });
    const requests = positive('requests', values.requests);
    return { requests, concurrency: Math.min(requests, positive('concurrency', values.concurrency)), serve: values.serve };
  } catch (error) {
    process.stderr.write(`${error.message}\n${USAGE}\n`);
    process.exit(2);
  }
}

const format = ({ requestId, text }) => `  [${requestId}] ${text}`;

/** Sends orders to the server, each with a request id of its own, over as many keep-alive connections as are concurrent. */
async function sendLoad(url, { requests, concurrency }) {
  const bar = new SingleBar({ format: '{bar} {value} of {total} requests', clearOnComplete: true });
  bar.start(requests, 0);
  const receipts = [];
  let number = 0;
  const setupRequest = (request) => {
    number++;
    const body = JSON.stringify({ number, items: itemsOf(number) });
    return { ...request, method: 'POST', headers: { 'x-request-id': idOf(number) }, body };
  };
  const onResponse = (status, body) => {
    if (status === 200) receipts.push(JSON.parse(body));
    bar.increment();
  };
  const load = { url, amount: requests, connections: concurrency, requests: [{ setupRequest, onResponse }] };
  const { latency, errors, timeouts } = await autocannon(load);
  bar.stop();
  return { receipts, latency, failed: errors + timeouts + requests - receipts.length };
}

async function serve() {
  const print = (line) => process.stdout.write(`${format(line)}\n`);
  const report = (transaction) => process.stdout.write(`  ${JSON.stringify(transaction)}\n`);
  const { url } = await startServer({ write: print, report });
  const body = JSON.stringify({ number: 1, items: itemsOf(1) });
  process.stdout.write(`The shop takes orders; Ctrl+C ends it. To try it:\n\n  curl -d '${body}' ${url}\n\n`);
}

async function demonstrate(options) {
  const lines = [];
  const transactions = [];
  const server = await startServer({
    write: (line) => lines.push(line),
    report: (transaction) => transactions.push(transaction),
  });
  const started = process.hrtime.bigint();
  const { receipts, latency, failed } = await sendLoad(server.url, options);
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  await server.close();
  const { checked, wrong } = check({ lines, transactions, receipts }, options.requests);
  const total = wrong + failed;
  const some = Math.floor(lines.length / 2);
  process.stdout.write(
    [
      `Some of the ${lines.length} log lines, each stamped by code that was never handed the request:`,
      ...lines.slice(some, some + 6).map(format),
      `${options.requests} requests, ${options.concurrency} at a time, on Node.js ${process.version} with ${context.engine}: ` +
        `${seconds.toFixed(2)} s, median ${latency.p50} ms, p99 ${latency.p99} ms`,
      `${checked} values checked, ${total} wrong`,
      '',
    ].join('\n'),
  );
  process.exitCode = total === 0 ? 0 : 1;
}

const options = readOptions();
if (options.serve) serve();
else demonstrate(options);
