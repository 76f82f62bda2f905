/** Compiled by test/packaging/types/types.test.js, never run: each annotation is what a line expects of the types. */

import { EventEmitter } from 'node:events';
import { IncomingMessage, ServerResponse, createServer } from 'node:http';
import { createServer as createHttp2Server, Http2ServerRequest } from 'node:http2';

import context, { bind, createNamespace, destroyNamespace, detach, engine, getNamespace, snapshot, stats } from 'context';
import type { Context, Namespace, Outcome } from 'context';
import { Snapshot, Variable } from 'context/async-context';
import cls from 'context/cls';
import domain from 'context/domain';
import { clear, findings } from 'context/finder';
import type { Finding } from 'context/finder';
import { hono, instrument, koa, middleware, plugin, routeOf } from 'context/http';
import type { RequestLike, RequestOptions, ResponseLike } from 'context/http';
import { ContextManager } from 'context/opentelemetry';
import { start as startUsage } from 'context/usage';
import { start as startWatchdog } from 'context/watchdog';
import type { Blocked, Watchdog } from 'context/watchdog';
import type { Usage, UsageRow } from 'context/usage';
import { continuous, start as startProfiling } from 'context/profiler';
import type { CpuProfile, Profile, ProfileRow } from 'context/profiler';
import { start as startLeaks } from 'context/leaks';
import type { EndedGroup, HeldGroup, Leaks } from 'context/leaks';

interface LogValues {
  requestId: string;
  lines?: number;
}

const log: Namespace<LogValues> = createNamespace<LogValues>('log');
const requestId: string | undefined = log.get('requestId');
const set: string = log.set('requestId', 'a');
const lines: number | undefined = log.active.get('lines');
// @ts-expect-error a value of another type
log.set('requestId', 1);
// @ts-expect-error a key that the namespace does not have
log.get('request');
// @ts-expect-error only a namespace creates contexts
new Context();
// @ts-expect-error read-only
log.active = log.createContext();

const result: number = log.run((a: number, b: number) => a + b, 1, 2);
// @ts-expect-error an argument of another type
log.run((a: number) => a, 'text');
const promised: Promise<string> = log.run(async () => 'text');
log.createContext().run(function () {
  const self: Context<LogValues> = this;
  const bag: Partial<LogValues> = this.bag;
  return [self, bag];
});

const bound: (text: string) => number = log.bind((text: string) => text.length);
const boundToo: (text: string) => number = log.createContext().bind((text: string) => text.length);
class Server extends EventEmitter {}
const server: Server = log.active.remove(log.createContext().add(new Server()));
log
  .createContext()
  .on('end', () => {})
  .once('end', (outcome) => {
    const same: Outcome | undefined = outcome;
    const error: unknown = outcome?.error;
    // @ts-expect-error there may be no outcome
    return [same, error, outcome.error];
  })
  .on('other', (value: number) => value);
const detached: number = detach((a: number, b: string) => a + b.length, 1, 'text');
const withValues: string = log.run({ requestId: 'a' }, (text: string) => text, 'text');
const root: Context<LogValues> = log.createContext(undefined, { root: true });
const sendMail: (job: { id: string }) => Promise<string> = log.wrap(
  async (given: { id: string }) => given.id,
  (given) => ({ requestId: given.id }),
);
const unit: (a: number, b?: string) => number = log.wrap((a: number, b?: string) => a + (b?.length ?? 0));
const wrongId = () => ({ requestId: 1 });
// @ts-expect-error a value of another type
log.wrap((id: number) => id, wrongId);
// @ts-expect-error a value of another type
log.run({ requestId: 1 }, () => {});
// @ts-expect-error an option of another type
log.createContext({}, { root: 1 });
const signals: AbortSignal[] = [log.createContext({}, { timeout: 1 }).signal, log.signal];
const remaining: number = log.active.remainingTime;
root.abort();
root.abort(new Error());
// @ts-expect-error read-only
root.signal = log.signal;
const some: { requestId?: string } = log.toObject('requestId');
const everything: Partial<LogValues> = log.toObject();
// @ts-expect-error a key that the namespace does not have
log.toObject('request');
const failed: Context<LogValues> | undefined = log.fromException(new Error());

const leaks: Leaks = startLeaks({ label: (context) => context.get('route') });
const endedGroups: EndedGroup[] = leaks.ended({ olderThan: 0 });
const held: Promise<{ groups: HeldGroup[] }> = leaks.explain({ sample: 10, maxHeap: Infinity });
const written: string = leaks.writeSnapshot('app.heapsnapshot');
// @ts-expect-error a label that is not text
startLeaks({ label: () => 1 });

const strict: Namespace<LogValues> = createNamespace<LogValues>('strict', { strict: true });
const filled: Context<LogValues> = strict.createContext({ requestId: 'a' }).endWith(server).endWith(promised);
filled.endWith(new AbortController().signal).endWith(process.stdout);
// @ts-expect-error not a target
filled.endWith({});
// @ts-expect-error a value of another type
strict.createContext({ requestId: 1 });
// @ts-expect-error an option of another type
createNamespace('strict', { strict: 1 });
const ended: boolean = filled.ended;
const active: boolean = strict.isActive();
const all: Partial<LogValues> = strict.toObject();
const exposing: Namespace<LogValues> = strict.expose('requestId', 'lines');
// @ts-expect-error a key that the namespace does not have
strict.expose('request');
const entered: Disposable = filled.enter();
const boundToAll: (text: string) => number = bind((text: string) => text.length);
const runInAll = snapshot();
const ranInAll: number = runInAll((text: string, times: number) => text.length * times, 'text', 2);
// @ts-expect-error an argument of another type
runInAll((text: string) => text, 1);

const any: Namespace = createNamespace('any');
const value: Date = any.set('anything', new Date());
any.get(Symbol('key'));
any.get(1);
// @ts-expect-error not a key
any.get({});

const found: Namespace<LogValues> | undefined = getNamespace<LogValues>('log');
const destroyed: boolean = destroyNamespace('log');
const carried: 'async-hooks' | 'async-context-frame' = engine;
const { namespaces, pages, bytes } = stats();
const created: number = namespaces['log'].created + pages + bytes;
const same: boolean = context.createNamespace === createNamespace;
const registered: number = process.namespaces.length;
const first: Namespace = process.namespaces[0];
const list: Namespace[] = process.namespaces;
const names: string[] = process.namespaces.map(({ name }) => name);
const byName: Namespace | undefined = process.namespaces['log'];
// @ts-expect-error it may not be registered
process.namespaces.log.name;
// @ts-expect-error read-only
process.namespaces.log = log;

const variable: Variable<number> = new Variable<number>({ name: 'variable', defaultValue: 1 });
const valueOfVariable: number | undefined = variable.get();
const inferred: Variable<string> = new Variable({ defaultValue: 'text' });
const ranWithValue: string = variable.run(2, (text: string) => text, variable.name);
// @ts-expect-error a value of another type
variable.run('2', () => {});
// @ts-expect-error an argument is missing
variable.run(2, (text: string) => text);
// @ts-expect-error read-only
variable.name = 'name';
const wrappedMethod: (this: Date, year: number) => number = Snapshot.wrap(function (this: Date, year: number) {
  return this.setFullYear(year);
});
const ranInSnapshot: Promise<number> = new Snapshot().run(async (a: number, b: number) => a + b, 1, 2);
class NamedVariable extends Variable<Date> {}
const dated: Date | undefined = new NamedVariable().get();

const session = cls.createNamespace('session');
const user: string = session.runAndReturn(() => session.get('user'));
interface SessionValues {
  user: string;
  visits: number;
}
const typed: cls.Namespace<SessionValues> = cls.createNamespace<SessionValues>('typed');
const visits: number = typed.runAndReturn(() => typed.set('visits', 1));
const visitor: Promise<string> | undefined = cls
  .getNamespace<SessionValues>('typed')
  ?.runPromise(async () => typed.get('user'));
typed.run((context: SessionValues) => typed.bind((name: string) => name + context.user, context)('a'));
// @ts-expect-error a value of another type
typed.set('visits', 'one');
// @ts-expect-error no key of the namespace
typed.get('missing');
// @ts-expect-error the type is optional, but checked
cls.createNamespace<SessionValues>('typed').get<'other'>('other');
const untyped: cls.Namespace = session;
untyped.set('anything', Symbol('value'));
const job: domain.Domain = domain.create();
const read: (text: string) => number = job.bind((text: string) => text.length);
const manager: ContextManager = new ContextManager().enable();

const requestOptions: RequestOptions<LogValues> = {
  init(context, request) {
    context.set('requestId', request.headers['x-request-id']?.toString() ?? `${request.method} ${request.url}`);
    context.set('lines', request.stream?.id ?? 0);
    if (request instanceof IncomingMessage) context.set('requestId', request.socket.remoteAddress ?? '');
    // @ts-expect-error a stream of HTTP/2 has no such property
    return request.socket;
  },
  filter: (request: RequestLike) => request.url !== '/health',
};
instrument(log, requestOptions).disable();
instrument(log, { init: (context) => context.set('requestId', 'a') });
instrument(log, { init: async (context) => void context.set('requestId', 'a'), header: 'x-request-id' });
instrument(log, {
  init: (context, request: IncomingMessage | Http2ServerRequest) => void context.set('requestId', request.httpVersion),
});
// @ts-expect-error a value of another type
instrument(log, { init: (context) => void context.set('requestId', 1) });
const handler = middleware(log, { filter: (request) => request.socket.localPort !== 80 });
createServer((request, response) => handler(request, response, () => response.end())).close();
instrument(log, {
  key: 'requestId',
  timeout: 1000,
  echo: 'x-request-id',
  init(context, request, response) {
    const route: string | undefined = routeOf(request);
    context.on('end', () => context.set('requestId', `${route} ${response.statusCode} ${response.writableFinished}`));
  },
});
middleware(log, { init: (context, request, response) => response.setHeader('x', request.httpVersion), echo: true });
instrument(createNamespace('any'), { key: Symbol('id') });
// @ts-expect-error no key of the namespace
instrument(log, { key: 'id' });
// @ts-expect-error its values are no strings
middleware(log, { key: 'lines' });
// @ts-expect-error not what every response has
instrument(log, { init: (context, request, response) => response.setHeader('a', 'b') });
const responses: ResponseLike[] = [new ServerResponse(new IncomingMessage(null!))];
createHttp2Server((request, response) => responses.push(response, response.stream)).close();
const likes: RequestLike[] = [new IncomingMessage(null!), { headers: {} }];
createHttp2Server((request) => likes.push(request)).close();
const middlewares = [koa(log, requestOptions), hono(log, requestOptions), plugin];

const usage: Usage = startUsage({
  namespaces: [log, 'strict'],
  keys: ['requestId', Symbol('key')],
  maxRows: 10,
  every: 1000,
});
const usageRows: UsageRow[] = usage.by('requestId');
const cpuTime: number | null = usageRows[0].cpuTime;
const loopTime: number = usage.of(filled).loopTime + usage.of(filled).gcTime + usageRows[0].gcTime + usage.wallTime;
const cpuTimeOf: number | null = usage.of(filled).cpuTime;
using watchdog: Watchdog = startWatchdog({ namespaces: [log] });
const blockedContexts: Context<any>[] = watchdog.reportsOf(filled).flatMap(({ contexts }: Blocked) => contexts);
watchdog.on('blocked', ({ contexts, namespaces }) => contexts.includes(namespaces[0].shares[0].context!));
// @ts-expect-error not a context
watchdog.reportsOf(log);
// @ts-expect-error not a context
usage.of(log);
// @ts-expect-error an option of another type
startUsage({ keys: 'tenant' });
const disposed: Disposable = usage;

const profiling = await startProfiling({ keys: ['route', Symbol('tenant'), 1], interval: 1, namespaces: [log, 'other'] });
const profile: Profile = await profiling.stop();
const rows: ProfileRow[] = profile.by('route');
const pprof: Buffer = profile.toPprof({ labelsAtRoot: true });
const cpuProfile: CpuProfile = profile.toCpuProfile();
using profiles = continuous({ keys: ['route'], every: 1000 }, ({ duration }: Profile) => duration.toFixed());
profiles.flush();
// @ts-expect-error keys are missing
void startProfiling({ interval: 1 });
// @ts-expect-error onProfile is missing
continuous({ keys: [] });

const [finding]: Finding[] = findings();
const place: [string, number, 'callback' | 'listener' | 'job' | 'function'] = [finding.file, finding.line, finding.kind];
// @ts-expect-error may be undefined
const firstRead: string = finding.firstRead;
clear();
