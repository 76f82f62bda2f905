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
   * @param {object} options
   * @param {'main' | 'worker'} options.thread
   * @param {number} options.threshold of the watchdog, in milliseconds
   * @param {number} options.blockTime of a block, in milliseconds
   * @param {string} [options.node] the binary
   * @param {string[]} [options.args] for it
   */
  static async start({ thread, threshold, blockTime, node = process.execPath, args = [] }) {
    const subject = new Subject();
    subject.threshold = threshold;
    execFileSync('mkfifo', [subject.#fifo]);
    const program = [...args, path.join(__dirname, 'server.js'), thread, `${threshold}`, `${blockTime}`, subject.#fifo];
    subject.#child = spawn(node, program, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'ipc'],
    });
    subject.#child.stdio[3].setEncoding('utf8').on('data', (text) => subject.#read(text));
    const [port] = await Promise.race([
      once(subject.#child, 'message'),
      once(subject.#child, 'exit').then(([code, signal]) => Promise.reject(new Error(`it ended with ${code ?? signal}`))),
    ]);
    subject.#child.on('exit', (code, signal) => {
      if (!subject.#isStopping) process.stderr.write(`the server ended with ${code ?? signal}\n`);
    });
    subject.#port = port;
    return subject;
  }

  #read(text) {
    const arrived = Date.now();
    const lines = (this.#text + text).split('\n');
    this.#text = lines.pop();
    for (const line of lines) this.lines.push({ ...JSON.parse(line), arrived });
  }

  async request(query) {
    const { promise, resolve, reject } = Promise.withResolvers?.() ?? withResolvers();
    const options = { host: '127.0.0.1', port: this.#port, path: query, agent: this.#agent };
    http
      .get(options, (response) => {
        let text = '';
        response
          .setEncoding('utf8')
          .on('data', (part) => (text += part))
          .on('end', () => resolve({ ...JSON.parse(text), arrived: Date.now() }));
      })
      .on('error', reject);
    return promise;
  }

  /** What `blocked` events there were since it was asked last. */
  async events() {
    return (await this.request('/blocked')).blocked;
  }

  /** Waits until a condition holds, or it has taken too long. */
  async #until(condition) {
    const end = Date.now() + GRACE;
    while (!condition() && Date.now() < end) await delay(5);
  }

  /**
   * Has one request of many block the server.
   *
   * @param {string} kind
   * @param {'before' | 'after'} when an await
   * @returns {Promise<{ problems: string[], late: number }>} what was not as it should be, and how much later than the threshold the
   *   line was written, in milliseconds
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
    const [event, ...others] = await this.events();
    await this.#until(() => this.lines.length > 1);
    const [line, stackLine, ...more] = this.lines;
    if (line === undefined) return { problems: [`missed: it took ${ended - began} ms`], late: 0 };
    const problems = [];
    const check = (isRight, what) => isRight || problems.push(what);
    const late = line.duration - this.threshold;
    const [namespace = { contexts: [], shares: [] }] = line.namespaces;
    if (kind === 'short') {
      const shares = namespace.shares.filter(({ labels }) => blocking.includes(labels?.id));
      const isLong = this.threshold >= 1000;
      const least = isLong ? SHORT_REQUESTS / 2 : 4;
      check(shares.length >= least, `only ${shares.length} of ${SHORT_REQUESTS} requests have a share`);
      check(
        // A machine that is busy lets the watchdog look less often.
        namespace.shares.every(({ share }) => share < (isLong ? 0.2 : 0.7)),
        `one has ${namespace.shares[0]?.share} of a turn of short callbacks`,
      );
    } else {
      const blamed = namespace.contexts.at(-1)?.labels?.id;
      // Between two microtasks nothing is active.
      const isNone = kind === 'microtasks' && blamed === undefined;
      check(isNone || blamed === blocking[0], `${blamed} was blamed for ${blocking[0]}`);
      check(namespace.shares[0]?.labels?.id === blocking[0], `${JSON.stringify(namespace.shares[0])} has the largest share`);
      // A short turn has much in it of the others, which came with it. Between two microtasks nothing is active, and that is often.
      const least = kind === 'microtasks' ? 0.2 : this.threshold < 1000 ? 0.4 : 0.8;
      check(namespace.shares[0]?.share > least, `its share is ${namespace.shares[0]?.share}`);
    }
    check(event !== undefined && others.length === 0, `${others.length + (event === undefined ? 0 : 1)} events`);
    check(more.length === 0, `${more.length} lines more than two`);
    check(line.arrived <= arrived && Date.parse(line.time) < ended, 'the line came when it was over');
    if (JAVASCRIPT.includes(kind)) {
      const isThere = stackLine?.stack?.some((text) => text.includes('kinds.js') && text.includes(kind));
      check(isThere, `the stack is ${JSON.stringify(stackLine?.stack)}`);
      check(Date.parse(stackLine?.time) < ended, 'the stack came when it was over');
    }
    return { problems, late };
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

function withResolvers() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

module.exports = { KINDS, Subject };
