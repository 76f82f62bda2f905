'use strict';

const { execFileSync, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');

const { root } = require('../../support/child');
const { JAVASCRIPT, kinds } = require('./kinds');

/** All kinds of blocks; `short` is a turn of 400 short callbacks of 40 requests. */
const KINDS = [...Object.keys(kinds), 'short'];
const CONCURRENT = 50;
const SHORT_REQUESTS = 40;

/** How long to wait for a line that is written, but on its way. */
const GRACE = 3000;

let count = 0;

/** A server of its own process that is watched, and what its watchdog wrote. */
class Subject {
  #child;
  #agent = new http.Agent({ keepAlive: true, maxSockets: 2 * CONCURRENT });
  #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'context-watchdog-'));
  #fifo = path.join(this.#folder, 'fifo');
  #text = '';
  #port;
  #isStopping = false;

  /** The lines of the watchdog, with the time of their arrival. */
  lines = [];

  /**
   * Starts a server.
   *
   * @param {object} options `thread` is `main` or `worker`; `threshold` is the watchdog's, and `blockTime` how long a block lasts,
   *   in milliseconds; `node` is the binary, with `args`
   */
  static async start({ thread, threshold, blockTime, node = process.execPath, args = [] }) {
    const subject = new Subject();
    subject.threshold = threshold;
    execFileSync('mkfifo', [subject.#fifo]);
    const program = [...args, path.join(__dirname, 'server.js'), thread, `${threshold}`, `${blockTime}`, subject.#fifo];
    const child = spawn(node, program, { cwd: root, stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'ipc'] });
    subject.#child = child;
    child.stdio[3].setEncoding('utf8').on('data', (text) => subject.#read(text));
    const ended = once(child, 'exit').then(([code, signal]) => {
      if (!subject.#isStopping) throw new Error(`the server ended with ${code ?? signal}`);
    });
    [subject.#port] = await Promise.race([once(child, 'message'), ended]);
    return subject;
  }

  #read(text) {
    const arrived = Date.now();
    const lines = (this.#text + text).split('\n');
    this.#text = lines.pop();
    for (const line of lines) this.lines.push({ ...JSON.parse(line), arrived });
  }

  async request(query) {
    const request = http.get({ host: '127.0.0.1', port: this.#port, path: query, agent: this.#agent });
    const [response] = await once(request, 'response');
    let text = '';
    for await (const part of response.setEncoding('utf8')) text += part;
    return { ...JSON.parse(text), arrived: Date.now() };
  }

  /** Waits until a condition holds, or for `GRACE`. */
  async #until(condition) {
    const end = Date.now() + GRACE;
    while (!condition() && Date.now() < end) await delay(5);
  }

  /**
   * Has one request of many block the server.
   *
   * @param {string} kind
   * @param {'before' | 'after'} when an await
   * @returns {Promise<{ problems: string[], late: number }>} what was wrong, and how much later than the threshold the line was
   *   written, in milliseconds
   */
  async block(kind, when) {
    this.lines.length = 0;
    const ids = Array.from({ length: CONCURRENT }, () => `request-${count++}`);
    const blocking = ids.slice(0, kind === 'short' ? SHORT_REQUESTS : 1);
    const requests = ids.map((id, n) => this.request(`/?id=${id}${n < blocking.length ? `&kind=${kind}&when=${when}` : ''}`));
    if (kind === 'fifo') {
      await this.#until(() => this.lines.length > 0);
      fs.writeFileSync(this.#fifo, 'text');
    }
    const [{ began, ended, arrived }] = await Promise.all(requests);
    const { blocked: events } = await this.request('/blocked');
    await this.#until(() => this.lines.length > 1);
    const [line, stackLine, ...more] = this.lines;
    if (line === undefined) return { problems: [`missed: it took ${ended - began} ms`], late: 0 };
    const problems = [];
    const check = (isRight, what) => isRight || problems.push(what);
    const [namespace = { contexts: [], shares: [] }] = line.namespaces;
    if (kind === 'short') this.#checkShort(namespace, blocking, check);
    else this.#checkBlame(namespace, kind, blocking[0], check);
    check(events.length === 1, `${events.length} events`);
    check(more.length === 0, `${more.length} lines more than two`);
    check(line.arrived <= arrived && Date.parse(line.time) < ended, 'the line came when it was over');
    if (JAVASCRIPT.includes(kind)) {
      const isThere = stackLine?.stack?.some((text) => text.includes('kinds.js') && text.includes(kind));
      check(isThere, `the stack is ${JSON.stringify(stackLine?.stack)}`);
      check(Date.parse(stackLine?.time) < ended, 'the stack came when it was over');
    }
    return { problems, late: line.duration - this.threshold };
  }

  /** A turn of many short callbacks: several requests have a share, and none has nearly all. */
  #checkShort({ shares }, blocking, check) {
    const isLong = this.threshold >= 1000;
    const own = shares.filter(({ labels }) => blocking.includes(labels?.id));
    check(own.length >= (isLong ? SHORT_REQUESTS / 2 : 4), `only ${own.length} of ${SHORT_REQUESTS} requests have a share`);
    // On a busy machine the watchdog looks less often.
    const largest = isLong ? 0.2 : 0.7;
    check(shares.every(({ share }) => share < largest), `one has ${shares[0]?.share} of a turn of short callbacks`); // prettier-ignore
  }

  #checkBlame({ contexts, shares: [first] }, kind, id, check) {
    const blamed = contexts.at(-1)?.labels?.id;
    // Between two microtasks nothing is active.
    const isNone = kind === 'microtasks' && blamed === undefined;
    check(isNone || blamed === id, `${blamed} was blamed for ${id}`);
    check(first?.labels?.id === id, `${JSON.stringify(first)} has the largest share`);
    // A short turn has much of the others in it. Between two microtasks nothing is active, and that is often.
    const least = kind === 'microtasks' ? 0.2 : this.threshold < 1000 ? 0.4 : 0.8;
    check(first?.share > least, `its share is ${first?.share}`);
  }

  /** Ends the server. */
  async stop() {
    this.#agent.destroy();
    this.#isStopping = true;
    const exit = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.disconnect();
    await exit;
    fs.rmSync(this.#folder, { recursive: true });
  }
}

module.exports = { KINDS, Subject };
