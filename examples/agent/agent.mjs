/**
 * An agent for unmodified applications: a line of JSON for each request, when it is over.
 *
 *   node --import ./examples/agent/agent.mjs app.js
 *
 * AGENT_LOG: the file that the lines are appended to; standard error by default.
 * AGENT_THRESHOLD: the longest acceptable turn of the event loop in milliseconds, 100 by default.
 */

import { createWriteStream } from 'node:fs';

import { createNamespace, detach } from 'context';
import { instrument, routeOf } from 'context/http';
import { start as startUsage } from 'context/usage';
import { start as startWatchdog } from 'context/watchdog';

const { AGENT_LOG, AGENT_THRESHOLD = '100' } = process.env;

const transaction = createNamespace('transaction').expose('id', 'url');
const usage = startUsage({ namespaces: [transaction] });
const watchdog = startWatchdog({
  namespaces: [transaction],
  threshold: Number(AGENT_THRESHOLD),
  destination: AGENT_LOG ?? 2,
});
const output = AGENT_LOG === undefined ? process.stderr : createWriteStream(AGENT_LOG, { flags: 'a' });

/** How long a context blocked the event loop, in turns that were too long: its shares of them, which were sampled. */
function blockedBy(context) {
  let time = 0;
  for (const { duration, namespaces } of watchdog.reportsOf(context)) {
    const shares = namespaces.flatMap((namespace) => namespace.shares);
    time += (shares.find((each) => each.context === context)?.share ?? 0) * duration;
  }
  return time;
}

/** Milliseconds with three digits; null stays what it is. */
const rounded = (time) => (time === null ? null : Math.round(time * 1000) / 1000);

/** What failed: an abort of the client, or an error of the stream. */
const nameOf = (error) => (error instanceof Error ? error.name : String(error));

function lineOf(context, request, response, begin, outcome) {
  const { loopTime, cpuTime, gcTime } = usage.of(context);
  return {
    id: context.get('id'),
    method: request.method,
    route: routeOf(request) ?? request.url.split('?', 1)[0],
    status: response.headersSent ? (response.statusCode ?? response.sentHeaders[':status']) : null,
    duration: rounded(performance.now() - begin),
    loopTime: rounded(loopTime),
    cpuTime: rounded(cpuTime),
    gcTime: rounded(gcTime),
    blocked: rounded(Math.min(loopTime + gcTime, blockedBy(context))),
    outcome: outcome === undefined ? 'ok' : nameOf(outcome.error),
  };
}

instrument(transaction, {
  init(context, request, response) {
    const begin = performance.now();
    context.set('id', request.headers['x-request-id'] ?? crypto.randomUUID());
    context.set('url', request.url);
    context.on('end', (outcome) => {
      const line = `${JSON.stringify(lineOf(context, request, response, begin, outcome))}\n`;
      // Outside of contexts: what the stream does for this line is no part of a request.
      detach(() => output.write(line));
    });
  },
});
