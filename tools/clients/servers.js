'use strict';

/** Servers from Debian's packages, each on a free port of 127.0.0.1, with a directory of its own that is removed with it. */

const { execFileSync, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');

const HOST = '127.0.0.1';
const isRoot = process.getuid?.() === 0;

/** How long a server may take until it answers, and until it has stopped, in milliseconds. */
const PATIENCE = 60_000;

const STOPPED = 'The servers were stopped.';

/** A command of PostgreSQL: Debian has a directory for each version. */
function postgres(program, ...args) {
  const base = '/usr/lib/postgresql';
  const [newest = '*'] = fs.existsSync(base) ? fs.readdirSync(base).sort((a, b) => b - a) : [];
  return [path.join(base, newest, 'bin', program), ...args];
}

/**
 * How each server is started. `program()` is what its package installs, `user` the user that it runs as if root starts it; `prepare` and
 * `start` are commands, given the directory and the port; `deathSignal` is what it gets if this process was killed.
 */
const kinds = {
  postgres: {
    package: 'postgresql',
    user: 'postgres',
    program: () => postgres('postgres')[0],
    prepare: ({ data }) => postgres('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-N', '-E', 'UTF8'),
    start: ({ data, port }) => postgres('postgres', '-D', data, '-p', port, '-h', HOST, '-k', '', '-c', 'fsync=off'),
    // A fast shutdown: SIGTERM waits for the clients.
    stopSignal: 'SIGINT',
  },
  redis: {
    package: 'redis-server',
    user: 'redis',
    program: () => '/usr/bin/redis-server',
    start: ({ data, port }) => ['/usr/bin/redis-server', '--port', port, '--bind', HOST, '--dir', data, '--save', ''],
  },
  mariadb: {
    package: 'mariadb-server',
    user: 'mysql',
    // It ignores SIGTERM while it starts.
    deathSignal: 'SIGKILL',
    program: () => '/usr/sbin/mariadbd',
    prepare: ({ data }) =>
      `/usr/bin/mariadb-install-db --no-defaults --datadir=${data} --auth-root-authentication-method=normal`.split(' '),
    start: ({ data, port }) => {
      const place = `--datadir=${data} --port=${port} --bind-address=${HOST} --socket=${data}/socket --pid-file=${data}/pid`;
      return `/usr/sbin/mariadbd --no-defaults ${place}`.split(' ');
    },
  },
  // RabbitMQ's nodes find one another through this. Without one of ours it would leave one running on the usual port.
  epmd: {
    package: 'rabbitmq-server',
    user: 'rabbitmq',
    program: () => '/usr/bin/epmd',
    start: ({ port }) => ['/usr/bin/epmd', '-address', HOST, '-port', port],
  },
  rabbitmq: {
    package: 'rabbitmq-server',
    user: 'rabbitmq',
    after: 'epmd',
    program: () => '/usr/lib/rabbitmq/bin/rabbitmq-server',
    start: () => ['/usr/lib/rabbitmq/bin/rabbitmq-server'],
    environment: ({ data, port, otherPort, ports }) => ({
      ...{ HOME: data, ERL_EPMD_ADDRESS: HOST, ERL_EPMD_PORT: ports.epmd, RABBITMQ_CONF_ENV_FILE: '/dev/null' },
      ...{ RABBITMQ_LOGS: '-', RABBITMQ_LOG_BASE: data, RABBITMQ_MNESIA_BASE: data, RABBITMQ_PID_FILE: `${data}/pid` },
      ...{ RABBITMQ_NODE_IP_ADDRESS: HOST, RABBITMQ_NODE_PORT: port, RABBITMQ_DIST_PORT: otherPort },
      ...{ RABBITMQ_NODENAME: 'clients@localhost', RABBITMQ_ENABLED_PLUGINS_FILE: `${data}/enabled_plugins` },
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
      // The server in place of a shell that waits for it, so that a signal reaches it.
      RUNNING_UNDER_SYSTEMD: 'true',
    }),
  },
};

/** Installs the packages of Debian that are missing, as `need` of .ci/run does. */
function installMissing(names) {
  const missing = names.filter((name) => !fs.existsSync(kinds[name].program()));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((name) => kinds[name].package))];
  const command = ['apt-get', '-o', 'DPkg::Lock::Timeout=300', 'install', '-y', '-qq', '--no-install-recommends', ...packages];
  console.error(`${command.join(' ')} …`);
  const options = { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  try {
    execFileSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', 'update', '-qq'], options);
    execFileSync(command[0], command.slice(1), options);
  } catch (cause) {
    const message = `These servers are missing: ${packages.join(', ')}. Install them, as root: ${command.join(' ')}\n${cause.message}`;
    throw new Error(message, { cause });
  }
}

/** A command that ends with this process, whatever ends this one, and that root gives to another user. */
function guarded(command, user, signal) {
  const asUser = isRoot ? [`--reuid=${user}`, `--regid=${user}`, '--clear-groups'] : [];
  return ['setpriv', [`--pdeathsig=${signal.slice(3)}`, ...asUser, ...command]];
}

async function freePort() {
  const server = net.createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return String(port);
}

function connects(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, HOST, () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

/** The servers that run. */
class Servers {
  /** The port of each, by its name. */
  ports = {};

  #isStopped = false;
  #running = [];
  #directories = [];

  /** Starts servers, one after the other, and waits until each accepts connections. Throws with the output of one that does not. */
  async start(names) {
    const all = names.flatMap((name) => [...(kinds[name].after ? [kinds[name].after] : []), name]);
    installMissing(all);
    for (const name of all) await this.#start(name);
  }

  async #start(name) {
    const { user, prepare, start, environment, stopSignal = 'SIGTERM', deathSignal = stopSignal } = kinds[name];
    const data = fs.mkdtempSync(path.join(os.tmpdir(), `context-${name}-`));
    this.#directories.push(data);
    if (isRoot) execFileSync('chown', [user, data]);
    const facts = { data, port: await freePort(), otherPort: await freePort(), ports: this.ports };
    const env = { ...process.env, LC_ALL: 'C', ...environment?.(facts) };
    const options = { cwd: data, env, stdio: ['ignore', 'pipe', 'pipe'] };
    if (this.#isStopped) throw new Error(STOPPED);
    if (prepare) execFileSync(...guarded(prepare(facts), user, deathSignal), options);

    const server = spawn(...guarded(start(facts), user, deathSignal), options);
    let output = '';
    for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => (output += chunk));
    server.on('error', (error) => (output += error.message));
    const closed = once(server, 'close').catch(() => {});
    this.#running.push({ server, closed, stopSignal });

    const last = Date.now() + PATIENCE;
    while (!(await connects(facts.port))) {
      if (this.#isStopped) throw new Error(STOPPED);
      const isOver = server.pid === undefined || server.exitCode !== null || server.signalCode !== null || Date.now() > last;
      if (isOver) throw new Error(`${name} does not answer at port ${facts.port}. Its output:\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    this.ports[name] = facts.port;
  }

  /** Stops what was started, and removes its directories. Nothing is started any more. */
  async stop() {
    this.#isStopped = true;
    for (const { server, closed, stopSignal } of this.#running.splice(0).reverse()) {
      server.kill(stopSignal);
      const timer = setTimeout(() => server.kill('SIGKILL'), PATIENCE / 4);
      await closed;
      clearTimeout(timer);
    }
    for (const directory of this.#directories.splice(0)) fs.rmSync(directory, { recursive: true, force: true });
  }
}

module.exports = { HOST, Servers };
