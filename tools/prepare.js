'use strict';

/**
 * Installs and builds what is missing in a checkout. `npm start`, `npm test` and every tool call it first. Runs before anything is
 * installed, so it needs only Node.js, of any version.
 */

const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const { fail, root, run, windows, writtenAt } = require('./install');

/** Checks for the programs that node-gyp calls. On Windows, it finds Visual Studio by itself, and reports what is missing. */
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
  fail(['The native addon cannot be built, because these programs are missing:', ...lines, packages].join('\n'));
}

function build() {
  const sources = fs.readdirSync(path.join(root, 'src')).map((name) => path.join('src', name));
  if (writtenAt('build/Release/context.node') >= Math.max(...['binding.gyp', ...sources].map(writtenAt))) return;
  checkTools();
  run('Building the addon: usually 20 to 40 s, once and after changes in src/', ['run', 'build']);
}

if (process.env.CONTEXT_PREPARED === undefined) build();
