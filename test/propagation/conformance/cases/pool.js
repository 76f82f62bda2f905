'use strict';

const crypto = require('node:crypto');
const { promisify } = require('node:util');
const zlib = require('node:zlib');

const { cases, stepIn, stepsAt } = require('../case');

const text = Buffer.from('text '.repeat(1000));
const { privateKey, publicKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { subtle } = crypto.webcrypto;

/** A call of a function that has a callback last: with a callback, and as a promise. */
const both = (object, method, args) => async (step) => {
  await stepIn((callback) => object[method](...args, callback), step);
  await promisify(object[method])(...args);
  step('awaited');
};

/** The same of functions, by name, with their arguments. */
const bothOf = (prefix, object, calls) =>
  Object.fromEntries(Object.entries(calls).map(([method, args]) => [`${prefix}.${method}`, both(object, method, args)]));

module.exports = cases({
  ...bothOf('crypto', crypto, {
    randomBytes: [16],
    randomFill: [Buffer.alloc(16)],
    pbkdf2: ['password', 'salt', 10, 16, 'sha256'],
    scrypt: ['password', 'salt', 16, { N: 16 }],
    hkdf: ['sha256', 'key', 'salt', 'info', 16],
    generateKeyPair: ['ec', { namedCurve: 'P-256' }],
    generateKey: ['hmac', { length: 64 }],
    generatePrime: [32],
    sign: ['sha256', text, privateKey],
    verify: ['sha256', text, publicKey, Buffer.alloc(64)],
  }),
  ...bothOf('zlib', zlib, {
    gzip: [text],
    deflate: [text],
    gunzip: [zlib.gzipSync(text)],
    brotliCompress: [text, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }],
  }),
  'crypto.randomInt': {
    loses: { callback: 'it draws on a cache; all who wait for that are called back by the one that had it filled' },
    start: both(crypto, 'randomInt', [1, 100]),
  },
  async 'crypto.subtle'(step) {
    await subtle.digest('SHA-256', text);
    step('digest');
    const key = await subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt']);
    step('generateKey');
    await subtle.encrypt({ name: 'AES-GCM', iv: Buffer.alloc(12) }, key, text).then(() => step('encrypt'));
  },
  'zlib: streams': (step) => {
    const stream = zlib.createGzip();
    stream.write(text, () => step('written'));
    stream.flush(() => step('flush'));
    stream.end();
    return stepsAt(stream, step, 'data', 'end');
  },
});
