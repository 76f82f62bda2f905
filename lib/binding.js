'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { withCode } = require('./errors');

const root = path.join(__dirname, '..');

/** The places where a binary is looked for, in this order. */
function candidates() {
  const prebuilt = path.join(root, 'prebuilds', `${process.platform}-${process.arch}`);
  return [path.join(root, 'build', 'Release'), path.join(root, 'build', 'Debug'), prebuilt];
}

/**
 * Loads the native core.
 *
 * @returns {object} the core of this environment, see src/core.h
 * @throws {Error} with code ERR_CONTEXT_BINDING where there is no binary for this platform, or one that does not load
 */
function load() {
  try {
    return require('node-gyp-build')(root);
  } catch (cause) {
    const tried = candidates().map((folder) => {
      const found = fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => name.endsWith('.node')) : [];
      return `  ${folder}: ${found.join(', ') || 'no binary'}`;
    });
    const message = [
      `context has no native binary that loads on ${process.platform} ${process.arch} with Node.js ${process.version}.`,
      `It was looked for in:`,
      ...tried,
      `The loader said: ${cause.message.split('\n')[0]}`,
      `To build it, run \`npm rebuild context\` where it is installed, or \`npm run build\` in a checkout of it; this takes`,
      `a C++17 compiler, make and python3.`,
    ].join('\n');
    throw withCode(new Error(message, { cause }), 'ERR_CONTEXT_BINDING');
  }
}

module.exports = load();
