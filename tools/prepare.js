'use strict';

/**
 * Installs and builds what is missing in a checkout; does nothing if all is there. `npm start`, `npm test` and every tool call it first.
 * It runs before anything is installed, so it needs nothing but Node.js, of any version.
 */

const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const root = path.join(__dirname, '..');
const windows = process.platform === 'win32';

/** Ends the process with a message. */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** When a file was written, in milliseconds; 0 for one that is not there. */
function writtenAt(file) {
  const stats = fs.statSync(path.join(root, file), { throwIfNoEntry: false });
  return stats === undefined ? 0 : stats.mtimeMs;
}

/** Checks that what node-gyp calls is there. On Windows it looks for Visual Studio by itself, and reports what it misses. */
function checkTools() {
  if (windows) return;
  const tools = [
    ['a C++ compiler', process.env.CXX || 'c++', 'g++ or clang++; the environment variable CXX names another one'],
    ['python3', process.env.npm_config_python || process.env.PYTHON || 'python3', 'Python 3'],
    ['make', process.env.MAKE || 'make', 'GNU make'],
  ];
  const missing = tools.filter(([, command]) => spawnSync(command, ['--version'], { shell: true }).status !== 0);
  if (missing.length === 0) return;
  const lines = missing.map(([what, command, hint]) => `  ${what}: '${command}' does not run (install ${hint})`);
  const packages = `On Debian and Ubuntu: apt-get install g++ make python3. On macOS: xcode-select --install.`;
  fail(['The native addon cannot be built, because something is missing:', ...lines, packages].join('\n'));
}

/** Runs one of npm's commands, quietly: its output is shown if it fails. */
function run(title, args) {
  process.stderr.write(`${title} …\n`);
  const start = Date.now();
  const { status, error, stdout, stderr } = spawnSync('npm', args, { cwd: root, shell: windows, encoding: 'utf8' });
  if (error) fail(`npm ${args.join(' ')} could not be run: ${error.message}`);
  if (status !== 0) fail(`${stdout}${stderr}\nnpm ${args.join(' ')} failed, its output is above.`);
  process.stderr.write(`  done in ${Math.round((Date.now() - start) / 1000)} s\n`);
}

function prepare() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) fail(`This needs Node.js 20 or later, but it runs on ${process.version}. Install a newer Node.js.`);
  if (writtenAt('node_modules/.package-lock.json') < writtenAt('package-lock.json')) {
    checkTools();
    // Scripts are for those who install from git: they would build the addon a second time.
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
    run('Installing the dependencies: as a rule 20 to 40 s, once', args);
  }
  const sources = fs.readdirSync(path.join(root, 'src')).map((name) => path.join('src', name));
  if (writtenAt('build/Release/context.node') < Math.max(...['binding.gyp', ...sources].map(writtenAt))) {
    checkTools();
    run('Building the addon: as a rule 20 to 40 s, once and after a change in src/', ['run', 'build']);
  }
}

// Set by whoever starts several tools at a time, when all is there.
if (process.env.CONTEXT_PREPARED === undefined) prepare();
