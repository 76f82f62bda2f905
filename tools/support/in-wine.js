'use strict';

// Loaded before everything else by each Node.js that tools/test-windows.js starts. Wine 8 knows no TCP_KEEPIDLE, for which libuv of Node.js 20
// and 22 lets every connection fail.
try {
  const { TCP } = process.binding('tcp_wrap');
  TCP.prototype.setKeepAlive = () => 0;
} catch {
  // Later releases of Node.js may be without `process.binding`, and need none of this.
}
