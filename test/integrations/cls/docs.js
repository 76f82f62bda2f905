'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const text = fs.readFileSync(path.join(__dirname, '..', '..', '..', 'docs', 'cls.md'), 'utf8');

/** The blocks of code in docs/cls.md: where each begins, its language and what is in it. */
const blocks = Array.from(text.matchAll(/^```(\w+)\n(.*?)^```$/gms), ({ index, 1: language, 2: code }) => ({
  index,
  language,
  code,
}));

/** The block of code that comes next after some words. */
function codeAfter(words) {
  const start = text.indexOf(words);
  assert.ok(start >= 0, `docs/cls.md does not say: ${words}`);
  return blocks.find(({ index }) => index > start).code;
}

module.exports = { blocks, codeAfter };
