'use strict';

/**
 * Installs and builds what is missing in a checkout; does nothing if all is there. `npm start`, `npm test` and every tool call it first.
 * It runs before anything is installed, so it needs nothing but Node.js, of any version.
 */

const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const { fail, root, run, windows, writtenAt } = require('./install');

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

function build() {
  const sources = fs.readdirSync(path.join(root, 'src')).map((name) => path.join('src', name));
  if (writtenAt('build/Release/context.node') >= Math.max(...['binding.gyp', ...sources].map(writtenAt))) return;
  checkTools();
  run('Building the addon: as a rule 20 to 40 s, once and after a change in src/', ['run', 'build']);
}

if (process.env.CONTEXT_PREPARED === undefined) build();
