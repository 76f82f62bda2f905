'use strict';

// Loaded by the tests that tools/test-windows.js runs, and before everything else by each Node.js 20 and 22 that it starts.

const fs = require('node:fs');

// Wine 8 has no links. A copy of the package does without those that the tests here make.
fs.symlinkSync = () => {};

// Nor does it know TCP_KEEPIDLE, for which libuv of Node.js 20 and 22 lets every connection fail.
try {
  const { TCP } = process.binding('tcp_wrap');
  TCP.prototype.setKeepAlive = () => 0;
} catch {
  // Later releases may have no `process.binding`, and need no help.
}
