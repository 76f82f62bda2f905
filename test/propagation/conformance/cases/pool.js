'use strict';

const crypto = require('node:crypto');
const { promisify } = require('node:util');
const zlib = require('node:zlib');

/** One call of a function that takes a callback last: with a callback, and as a promise. */
function both(name, object, method, ...args) {
  return {
    name,
    async start(step) {
      await new Promise((resolve) => object[method](...args, () => resolve(step('callback'))));
      await promisify(object[method])(...args);
      step('awaited');
    },
  };
}

const text = Buffer.from('text '.repeat(1000));
const { privateKey, publicKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { subtle } = crypto.webcrypto;

module.exports = [
  both('crypto.randomBytes', crypto, 'randomBytes', 16),
  {
    ...both('crypto.randomInt', crypto, 'randomInt', 1, 100),
    loses: { callback: 'it draws on a cache; all who wait for that are called back by the one that had it filled' },
  },
  both('crypto.randomFill', crypto, 'randomFill', Buffer.alloc(16)),
  both('crypto.pbkdf2', crypto, 'pbkdf2', 'password', 'salt', 10, 16, 'sha256'),
  both('crypto.scrypt', crypto, 'scrypt', 'password', 'salt', 16, { N: 16 }),
  both('crypto.hkdf', crypto, 'hkdf', 'sha256', 'key', 'salt', 'info', 16),
  both('crypto.generateKeyPair', crypto, 'generateKeyPair', 'ec', { namedCurve: 'P-256' }),
  both('crypto.generateKey', crypto, 'generateKey', 'hmac', { length: 64 }),
  both('crypto.generatePrime', crypto, 'generatePrime', 32),
  both('crypto.sign', crypto, 'sign', 'sha256', text, privateKey),
  both('crypto.verify', crypto, 'verify', 'sha256', text, publicKey, Buffer.alloc(64)),
  {
    name: 'crypto.subtle',
    async start(step) {
      await subtle.digest('SHA-256', text);
      step('digest');
      const key = await subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt']);
      step('generateKey');
      await subtle.encrypt({ name: 'AES-GCM', iv: Buffer.alloc(12) }, key, text).then(() => step('encrypt'));
    },
  },
  both('zlib.gzip', zlib, 'gzip', text),
  both('zlib.deflate', zlib, 'deflate', text),
  both('zlib.gunzip', zlib, 'gunzip', zlib.gzipSync(text)),
  both('zlib.brotliCompress', zlib, 'brotliCompress', text, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
  {
    name: 'zlib: streams',
    start: (step) =>
      new Promise((resolve) => {
        const stream = zlib.createGzip();
        stream.on('data', () => step('data')).on('end', () => resolve(step('end')));
        stream.write(text, () => step('written'));
        stream.flush(() => step('flush'));
        stream.end();
      }),
  },
];
